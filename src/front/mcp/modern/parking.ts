import { randomBytes } from 'node:crypto'
import type { Ask } from '../../../core/call.ts'
import type { Principal } from '../../../core/caller.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { RawObject } from '../../../core/raw.ts'
import type { RpcRequest } from '../message.ts'
import type { Outcome } from '../outcome.ts'
import type { Attendance, LiveCall, RoundEnd } from './live-call.ts'
import { digestOf, invalidState } from './retry.ts'

/** How a round ends as the client is told of it. */
export type Reply =
  | { readonly kind: 'done'; readonly outcome: Outcome }
  | { readonly kind: 'asked'; readonly asks: ReadonlyMap<string, Ask>; readonly state: string }

interface Parked {
  readonly call: LiveCall
  /** Whose it is and what for. */
  readonly owner: string
  /** Of the round that the retry begins; the same for a retry that comes twice. */
  reply: Promise<Reply> | undefined
  until: number
}

const PREFIX = 'vmcp.p.'
/** Calls that wait for their clients at the same time. */
const MOST = 1_000
/** For the client to answer. */
const ANSWER_MS = 5 * 60_000
/** What came of a retry is kept this long, in case the client never got it. */
const KEPT_MS = 60_000
/** Bytes of a result that is kept so. */
const KEPT_BYTES = 1024 * 1024
const SWEEP_MS = 2_000

/**
 * Calls in progress that wait for the answer of a client of 2026-07-28, which comes in a request of its own. Each
 * waits under a state that cannot be guessed, for the caller and the request that it belongs to.
 */
export class Parking {
  readonly #parked = new Map<string, Parked>()
  #waiting = 0
  #sweeping: NodeJS.Timeout | undefined

  /** @throws GatewayError `rate_limited` when no more calls can wait */
  checkRoom = (): void => {
    if (this.#waiting < MOST) return
    throw new GatewayError('rate_limited', `${MOST} calls wait for the answers of their clients already`)
  }

  /** Sees a round to its end. @throws whatever the call did */
  async round(call: LiveCall, { caller, request }: Attendance): Promise<Reply> {
    return this.#conclude(await call.next(), call, ownerOf(caller.principal, request))
  }

  /** Whether the state is that of a call which waits here. */
  has(state: unknown): state is string {
    return typeof state === 'string' && state.startsWith(PREFIX)
  }

  /** Goes on with a call. @throws GatewayError `invalid_params`, and whatever the call did */
  resume(state: string, modern: Attendance): Promise<Reply> {
    const { caller, request } = modern
    const owner = ownerOf(caller.principal, request)
    const parked = this.#parked.get(state)
    if (parked === undefined || parked.owner !== owner) throw invalidState()
    parked.call.attach(modern)
    parked.reply ??= this.#answer(parked, request.raw.object('inputResponses'))
    return parked.reply
  }

  close(reason: GatewayError): void {
    clearInterval(this.#sweeping)
    for (const { call } of this.#parked.values()) call.abort(reason)
    this.#parked.clear()
  }

  async #answer(parked: Parked, responses: RawObject | undefined): Promise<Reply> {
    this.#waiting--
    parked.until = Number.POSITIVE_INFINITY
    parked.call.answer(responses)
    const end = await parked.call.next()
    const large = end.kind === 'done' && end.outcome.result.body.bytes.length > KEPT_BYTES
    parked.until = large ? 0 : Date.now() + KEPT_MS
    return this.#conclude(end, parked.call, parked.owner)
  }

  #conclude(end: RoundEnd, call: LiveCall, owner: string): Reply {
    if (end.kind === 'failed') throw end.error
    if (end.kind === 'done') return end
    const state = PREFIX + randomBytes(24).toString('base64url')
    this.#parked.set(state, { call, owner, reply: undefined, until: Date.now() + ANSWER_MS })
    this.#waiting++
    this.#sweeping ??= setInterval(() => this.#sweep(), SWEEP_MS).unref()
    return { kind: 'asked', asks: end.asks, state }
  }

  #sweep(): void {
    const now = Date.now()
    for (const [state, { call, reply, until }] of this.#parked) {
      if (until > now) continue
      this.#parked.delete(state)
      if (reply !== undefined) continue
      this.#waiting--
      call.abort(new GatewayError('timeout', `the client did not answer within ${ANSWER_MS / 1000} s`))
    }
    if (this.#parked.size > 0) return
    clearInterval(this.#sweeping)
    this.#sweeping = undefined
  }
}

function ownerOf({ issuer, subject }: Principal, request: RpcRequest): string {
  return JSON.stringify([issuer, subject, digestOf(request)])
}
