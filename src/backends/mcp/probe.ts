import { setTimeout as sleep } from 'node:timers/promises'
import type { Era } from '../../core/caller.ts'
import type { Connection, ConnectOptions } from './connection.ts'
import { Failure } from './failure.ts'
import { connect as connectLegacy } from './legacy/connect.ts'
import { adopt, connect as connectModern } from './modern/connect.ts'
import { discover, speaksModern } from './modern/discover.ts'
import type { Landing } from './result.ts'
import { rpcErrorOf } from './rpc.ts'

/** What a probe found out. */
export type Verdict =
  | { readonly era: 'modern' }
  /** `known`: the server's own answer says so, and it may be relied on for a while. */
  | { readonly era: 'legacy'; readonly known: boolean }

export interface Negotiated {
  /** `undefined` when the server ended at the question: a new one is to be asked no such thing. */
  readonly connection: Connection | undefined
  readonly verdict: Verdict
}

/** HTTP answers that come from elsewhere than the protocol, and say nothing about it. */
const INCONCLUSIVE: readonly number[] = [401, 403, 407, 408, 429]
/** Only servers of the stateless era know these. */
const MODERN_ERRORS: readonly unknown[] = [-32020, -32021, -32022]

/**
 * Finds out the era of a server and connects: `server/discover` first, `initialize` where that is not
 * understood. A server that keeps silent is sent `initialize` too, and what it answers decides.
 * @throws GatewayError when neither works
 */
export async function negotiate(options: ConnectOptions, signal: AbortSignal): Promise<Negotiated> {
  const probe = discover(options, signal)
  const landing = await Promise.race([probe, silence(options, signal)])
  if (landing === undefined) return eitherOf(options, probe, signal)
  if (landing instanceof Failure && landing.kind === 'unsent') throw landing.toError(options.site.name)
  if (landing instanceof Failure && landing.kind === 'broken' && !options.channel.perRequest)
    return { connection: undefined, verdict: SURE }
  const verdict = judge(landing)
  if (verdict.era === 'modern') return { connection: adopt(options, landing), verdict }
  return { connection: await connectLegacy(options, signal), verdict }
}

/** @throws GatewayError as `negotiate` */
export function judge(landing: Landing): Verdict {
  if (landing instanceof Failure) return judgeFailure(landing)
  const result = landing.object('result')
  if (result !== undefined && speaksModern(result)) return { era: 'modern' }
  return isModernError(landing) ? { era: 'modern' } : { era: 'legacy', known: true }
}

function judgeFailure(failure: Failure): Verdict {
  if (failure.response !== undefined && isModernError(failure.response)) return { era: 'modern' }
  const status = failure.status ?? 0
  const inconclusive = failure.kind !== 'status' || status >= 500 || INCONCLUSIVE.includes(status)
  return { era: 'legacy', known: !inconclusive }
}

function isModernError(response: Exclude<Landing, Failure>): boolean {
  return MODERN_ERRORS.includes(rpcErrorOf(response)?.code)
}

async function silence(options: ConnectOptions, signal: AbortSignal): Promise<undefined> {
  await sleep(options.site.limits.probeMs, undefined, { signal, ref: false }).catch(() => {})
  return undefined
}

/** The probe is still unanswered: `initialize` goes after it, and the first of the two to succeed wins. */
async function eitherOf(
  options: ConnectOptions,
  probe: Promise<Landing>,
  signal: AbortSignal,
): Promise<Negotiated> {
  // Both may succeed; the connection that loses must not take the channel over.
  const giveUp = new AbortController()
  const either = AbortSignal.any([signal, giveUp.signal])
  const legacy = connectLegacy(options, either).then((connection) => ({ connection, verdict: UNSURE }))
  const modern = probe.then((landing) => {
    if (judge(landing).era !== 'modern') return legacy
    giveUp.abort()
    return { connection: adopt(options, landing), verdict: MODERN }
  })
  return Promise.any([legacy, modern]).catch(() => legacy)
}

const MODERN: Verdict = { era: 'modern' }
const SURE: Verdict = { era: 'legacy', known: true }
const UNSURE: Verdict = { era: 'legacy', known: false }

/** Connects in the era that is configured, or known from before. */
export async function connectAs(era: Era, options: ConnectOptions, signal: AbortSignal): Promise<Connection> {
  return era === 'legacy' ? connectLegacy(options, signal) : connectModern(options, signal)
}
