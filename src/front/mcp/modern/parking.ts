import { randomBytes } from 'node:crypto'
import type { Caller } from '../../../core/caller.ts'
import { GatewayError } from '../../../core/errors.ts'
import { ownerOf, Shares } from '../../../core/shares.ts'
import { Binding, isSameBinding } from '../binding.ts'
import type { RpcRequest } from '../message.ts'
import { type KeptLimits, KeptReplies } from './kept.ts'
import type { Attendance, LiveCall } from './live-call.ts'
import { digestOf, invalidState } from './retry.ts'
import type { Reply, RoundEnd } from './round.ts'

export interface ParkingLimits extends KeptLimits {
  /** Calls that have asked their clients, from the first question to their end. */
  readonly most: number
  /** For the client to answer. */
  readonly answerMs: number
}

type Asks = Extract<RoundEnd, { kind: 'asked' }>['asks']

interface Parked {
  readonly call: LiveCall
  /** Whose it is and what for. */
  readonly owner: Buffer
  /** Whose place it takes. */
  readonly holder: string
  readonly until: number
  /** Of the retry that goes on with the call; the same for one that comes twice. */
  reply: Promise<Reply> | undefined
}

type Whose = Pick<Parked, 'owner' | 'holder'>

const PREFIX = 'vmcp.p.'
/** Of calls whose runs are kept elsewhere too: the id of the run follows. */
const KEPT = /^vmcp\.r\.([\w-]{1,64})\.[\w-]+$/
const LIMITS: ParkingLimits = {
  most: 1_000,
  answerMs: 5 * 60_000,
  keptMs: 60_000,
  keptBytes: 1024 * 1024,
  allKeptBytes: 64 * 1024 * 1024,
  mostKept: 1_000,
}
const SWEEP_MS = 2_000

/**
 * Calls in progress that wait for the answer of a client of 2026-07-28, which comes in a request of its own. Each
 * waits under a state that cannot be guessed, for the caller and the request that it belongs to.
 */
export class Parking {
  readonly #limits: ParkingLimits
  readonly #binding: Binding
  readonly #parked = new Map<string, Parked>()
  readonly #kept: KeptReplies
  readonly #shares: Shares
  #sweeping: NodeJS.Timeout | undefined
  #closed: GatewayError | undefined

  constructor(limits: Partial<ParkingLimits> = {}, binding: Binding = new Binding()) {
    this.#limits = { ...LIMITS, ...limits }
    this.#binding = binding
    this.#kept = new KeptReplies(this.#limits)
    this.#shares = new Shares(this.#limits.most)
  }

  /** Calls that wait or go on, and outcomes that are kept. */
  get size(): number {
    return this.#parked.size + this.#kept.size
  }

  /** @throws GatewayError `rate_limited` when no more calls can ask, or none of this caller's */
  checkRoom = ({ principal }: Pick<Caller, 'principal'>): void => {
    if (this.#closed !== undefined) throw this.#closed
    const { most } = this.#limits
    if (this.#parked.size >= most) throw noRoom(`${most} calls are asking their clients already`)
    const holder = ownerOf(principal)
    const share = this.#shares.most(holder)
    if (this.#shares.of(holder) >= share) throw noRoom(`${share} of your calls are asking already`)
  }

  /** Sees a round to its end. @throws whatever the call did */
  async round(call: LiveCall, attendance: Attendance): Promise<Reply> {
    const end = await call.next()
    // Only a call that is to wait needs to know whose it is.
    return this.#conclude(end, call, () => this.#whoseOf(attendance))
  }

  /** Whether the state is that of a call which waits here, or did. */
  has(state: unknown): state is string {
    if (typeof state !== 'string') return false
    return state.startsWith(PREFIX) || this.#parked.has(state) || this.#kept.get(state) !== undefined
  }

  /** The run that goes on with the answer though its call does not wait here, if the state is one of such a run. */
  runOf(state: unknown): string | undefined {
    return typeof state === 'string' && !this.has(state) ? KEPT.exec(state)?.[1] : undefined
  }

  /** Sees a call to the end of its round that goes on with what waited elsewhere under this state. */
  takeOver(state: string, call: LiveCall, attendance: Attendance): Promise<Reply> {
    const parked = this.#hold(state, call, this.#whoseOf(attendance))
    parked.reply = this.#goOn(state, parked, (end) => end.kind !== 'failed')
    return parked.reply
  }

  /** Goes on with a call. @throws GatewayError `invalid_params`, and whatever the call did */
  resume(state: string, attendance: Attendance): Promise<Reply> {
    const parked = this.#parked.get(state)
    const known = parked ?? this.#kept.get(state)
    if (known === undefined || !isSameBinding(known.owner, this.#ownerOf(attendance))) throw invalidState()
    parked?.call.attach(attendance)
    if (parked !== undefined) parked.reply ??= this.#answer(state, parked, attendance.request)
    return known.reply as Promise<Reply>
  }

  close(reason: GatewayError): void {
    this.#closed = reason
    for (const [state, parked] of this.#parked) {
      this.#release(state, parked)
      parked.call.abort(reason)
    }
    this.#kept.clear()
    this.#rest()
  }

  #answer(state: string, parked: Parked, { raw }: RpcRequest): Promise<Reply> {
    parked.call.answer(raw.object('inputResponses'))
    return this.#goOn(state, parked, () => true)
  }

  /** @param isLasting what would come of the same retry again */
  async #goOn(state: string, parked: Parked, isLasting: (end: RoundEnd) => boolean): Promise<Reply> {
    const { call, owner } = parked
    const end = await call.next()
    this.#release(state, parked)
    if (this.#closed === undefined && isLasting(end)) {
      this.#kept.add(state, { owner, reply: parked.reply as Promise<Reply> }, end)
      this.#wake()
    }
    return this.#conclude(end, call, () => parked)
  }

  #conclude(end: RoundEnd, call: LiveCall, whose: () => Whose): Reply {
    if (end.kind === 'failed') throw end.error
    if (end.kind === 'done') return end
    return { kind: 'asked', asks: end.asks, state: this.#park(end.asks, call, whose()) }
  }

  /** @throws GatewayError `rate_limited` when others were quicker; the call ends then */
  #park(asks: Asks, call: LiveCall, whose: Whose): string {
    try {
      this.checkRoom(call.caller)
    } catch (error) {
      call.abort(GatewayError.from(error))
      throw error
    }
    const state = stateOf(asks)
    this.#hold(state, call, whose)
    this.#wake()
    return state
  }

  #hold(state: string, call: LiveCall, { owner, holder }: Whose): Parked {
    const until = performance.now() + this.#limits.answerMs
    const parked: Parked = { call, owner, holder, until, reply: undefined }
    this.#parked.set(state, parked)
    this.#shares.take(holder)
    return parked
  }

  #release(state: string, parked: Parked): void {
    if (this.#parked.get(state) !== parked) return
    this.#parked.delete(state)
    this.#shares.giveBack(parked.holder)
  }

  #whoseOf(attendance: Attendance): Whose {
    return { owner: this.#ownerOf(attendance), holder: ownerOf(attendance.caller.principal) }
  }

  #ownerOf({ caller, request }: Attendance): Buffer {
    return this.#binding.with(caller.principal, digestOf(request))
  }

  #sweep(): void {
    this.#kept.sweep()
    const { answerMs } = this.#limits
    const now = performance.now()
    for (const [state, parked] of this.#parked) {
      if (parked.reply !== undefined || parked.until > now) continue
      this.#release(state, parked)
      parked.call.abort(new GatewayError('timeout', `the client did not answer within ${answerMs / 1000} s`))
    }
    if (this.size === 0) this.#rest()
  }

  #wake(): void {
    this.#sweeping ??= setInterval(() => this.#sweep(), SWEEP_MS).unref()
  }

  #rest(): void {
    clearInterval(this.#sweeping)
    this.#sweeping = undefined
  }
}

function noRoom(why: string): GatewayError {
  return new GatewayError('rate_limited', `${why}: answer or cancel one first`)
}

function stateOf(asks: Asks): string {
  const run = [...asks.values()].find((ask) => ask.run !== undefined)?.run
  const random = randomBytes(24).toString('base64url')
  return run === undefined ? PREFIX + random : `vmcp.r.${run}.${random}`
}
