import { afterEach, beforeEach, expect, vi } from 'vitest'
import type { Ask } from '../../../../core/call.ts'
import type { JsonObject } from '../../../../core/catalog.ts'
import { GatewayError } from '../../../../core/errors.ts'
import type { Outcome } from '../../outcome.ts'
import { GATHER_MS, LiveCall } from '../live-call.ts'
import { Parking } from '../parking.ts'
import type { Reply } from '../round.ts'
import { attend, form, outcome, type Seen } from '../testing.ts'

export const ANSWER_MS = 10_000
export const KEPT_MS = 5_000
export const SWEEP_MS = 2_000

type Limits = ConstructorParameters<typeof Parking>[0]

export type Work = (live: LiveCall) => Promise<Outcome>

/** A parking for each test, on a clock that the test winds. Nothing may be left of it at the end. */
export function useParking(limits: Limits = {}): Lot {
  const lot = new Lot(limits)
  beforeEach(() => {
    vi.useFakeTimers()
    lot.open()
  })
  afterEach(async () => {
    const { parking } = lot
    parking.close(new GatewayError('unavailable', 'closing'))
    await vi.advanceTimersByTimeAsync(0)
    expect([vi.getTimerCount(), parking.size], 'timers and entries left behind').toEqual([0, 0])
    vi.useRealTimers()
  })
  return lot
}

class Lot {
  readonly #limits: Limits
  #parking: Parking | undefined

  constructor(limits: Limits) {
    this.#limits = limits
  }

  open(): void {
    this.#parking = new Parking({ answerMs: ANSWER_MS, keptMs: KEPT_MS, ...this.#limits })
  }

  get parking(): Parking {
    if (this.#parking === undefined) throw new Error('it is open in tests only')
    return this.#parking
  }

  begin(work: Work, seen: Seen = attend()): Begun {
    const live = new LiveCall(seen, this.parking.checkRoom)
    live.start(work(live))
    const reply = this.parking.round(live, seen)
    reply.catch(() => {})
    return { live, reply }
  }

  resume(state: string, seen: Seen): Promise<Reply> {
    return settled((async () => this.parking.resume(state, seen))())
  }
}

export interface Begun {
  readonly live: LiveCall
  readonly reply: Promise<Reply>
}

/** Asks one thing after another, and says in the end what the answers were. */
export const asks =
  (...messages: string[]): Work =>
  async (live) => {
    const answers: unknown[] = []
    for (const message of messages) answers.push((await live.ask(form(message))).value('action'))
    return outcome(answers.join(' '))
  }

export async function settled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  await vi.advanceTimersByTimeAsync(GATHER_MS)
  return promise
}

export function stateOf(reply: Reply): string {
  if (reply.kind !== 'asked') throw new Error('nothing was asked')
  return reply.state
}

export const questions = (reply: Reply) =>
  reply.kind === 'asked' ? [...reply.asks.values()].map((ask: Ask) => ask.params.value('message')) : reply

export const accept = (n = 1): JsonObject => ({ [`input-${n}`]: { action: 'accept' } })

export const REFUSED = { code: 'invalid_params' }
