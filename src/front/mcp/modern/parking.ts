import { randomBytes } from 'node:crypto'
import { GatewayError } from '../../../core/errors.ts'
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
  readonly until: number
  /** Of the retry that goes on with the call; the same for one that comes twice. */
  reply: Promise<Reply> | undefined
}

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
  #sweeping: NodeJS.Timeout | undefined
  #closed: GatewayError | undefined

  constructor(limits: Partial<ParkingLimits> = {}, binding: Binding = new Binding()) {
    this.#limits = { ...LIMITS, ...limits }
    this.#binding = binding
    this.#kept = new KeptReplies(this.#limits)
  }

  /** Calls that wait or go on, and outcomes that are kept. */
  get size(): number {
    return this.#parked.size + this.#kept.size
  }

  /** @throws GatewayError `rate_limited` when no more calls can ask */
  checkRoom = (): void => {
    if (this.#closed !== undefined) throw this.#closed
    const { most } = this.#limits
    if (this.#parked.size < most) return
    throw new GatewayError('rate_limited', `${most} calls are asking their clients already`)
  }

  /** Sees a round to its end. @throws whatever the call did */
  async round(call: LiveCall, attendance: Attendance): Promise<Reply> {
    const end = await call.next()
    // Only a call that is to wait needs to know whose it is.
    return this.#conclude(end, call, () => this.#ownerOf(attendance))
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
    const until = performance.now() + this.#limits.answerMs
    const parked: Parked = { call, owner: this.#ownerOf(attendance), until, reply: undefined }
    this.#parked.set(state, parked)
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
    for (const { call } of this.#parked.values()) call.abort(reason)
    this.#parked.clear()
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
    this.#parked.delete(state)
    if (this.#closed === undefined && isLasting(end)) {
      this.#kept.add(state, { owner, reply: parked.reply as Promise<Reply> }, end)
      this.#wake()
    }
    return this.#conclude(end, call, () => owner)
  }

  #conclude(end: RoundEnd, call: LiveCall, owner: () => Buffer): Reply {
    if (end.kind === 'failed') throw end.error
    if (end.kind === 'done') return end
    return { kind: 'asked', asks: end.asks, state: this.#park(end.asks, call, owner()) }
  }

  /** @throws GatewayError `rate_limited` when others were quicker; the call ends then */
  #park(asks: Asks, call: LiveCall, owner: Buffer): string {
    try {
      this.checkRoom()
    } catch (error) {
      call.abort(GatewayError.from(error))
      throw error
    }
    const state = stateOf(asks)
    this.#parked.set(state, {
      call,
      owner,
      reply: undefined,
      until: performance.now() + this.#limits.answerMs,
    })
    this.#wake()
    return state
  }

  #ownerOf({ caller, request }: Attendance): Buffer {
    return this.#binding.with(caller.principal, digestOf(request))
  }

  #sweep(): void {
    this.#kept.sweep()
    const { answerMs } = this.#limits
    const now = performance.now()
    for (const [state, { call, reply, until }] of this.#parked) {
      if (reply !== undefined || until > now) continue
      this.#parked.delete(state)
      call.abort(new GatewayError('timeout', `the client did not answer within ${answerMs / 1000} s`))
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

function stateOf(asks: Asks): string {
  const run = [...asks.values()].find((ask) => ask.run !== undefined)?.run
  const random = randomBytes(24).toString('base64url')
  return run === undefined ? PREFIX + random : `vmcp.r.${run}.${random}`
}
