import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Ask } from '../../../core/call.ts'
import { GatewayError } from '../../../core/errors.ts'
import { RawObject } from '../../../core/raw.ts'
import type { Outcome } from '../outcome.ts'
import { GATHER_MS, LINGER_MS, LiveCall } from './live-call.ts'
import type { RoundEnd } from './round.ts'
import { attend, caller, form, outcome, type Seen } from './testing.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  expect(vi.getTimerCount(), 'timers left behind').toBe(0)
  vi.useRealTimers()
})

const free = () => undefined

/** A call whose work is what the test makes of it. */
function begin(seen: Seen, work: (live: LiveCall) => Promise<Outcome>, mayAsk = free): LiveCall {
  const live = new LiveCall(seen, mayAsk)
  live.start(work(live))
  return live
}

/** The end of the next round, all that it waits for included. */
async function roundOf(live: LiveCall): Promise<RoundEnd> {
  const end = live.next()
  await vi.advanceTimersByTimeAsync(GATHER_MS)
  return end
}

async function asked(live: LiveCall): Promise<Record<string, unknown>> {
  const end = await roundOf(live)
  if (end.kind !== 'asked') throw new Error(`nothing was asked: ${end.kind}`)
  return Object.fromEntries([...end.asks].map(([key, { params }]) => [key, params.value('message')]))
}

const accept = (...keys: string[]) =>
  RawObject.of(Object.fromEntries(keys.map((key) => [key, { action: 'accept', content: { by: key } }])))

const saysBy = async (live: LiveCall, ask: Ask) => (await live.ask(ask)).object('content')?.value('by')

/** Work that ends when the call is aborted, as a backend's does. */
const endless = (live: LiveCall) =>
  new Promise<Outcome>((_, reject) => {
    live.onAbort(() => reject(new GatewayError('cancelled', 'the call was cancelled')))
  })

describe('questions', () => {
  it('that come together go to the client together, and each gets its own answer', async () => {
    const live = begin(attend(), async (it) => {
      const answers = await Promise.all([saysBy(it, form('one?')), saysBy(it, form('two?'))])
      return outcome(`${answers} ${await saysBy(it, form('three?'))}`)
    })
    expect(await asked(live)).toEqual({ 'input-1': 'one?', 'input-2': 'two?' })
    live.answer(accept('input-2', 'input-1'))
    expect(await asked(live)).toEqual({ 'input-3': 'three?' })
    live.answer(accept('input-3'))
    expect(await roundOf(live)).toMatchObject({ outcome: outcome('input-1,input-2 input-3') })
  })

  it('that the client did not answer, or not with an object, are put again', async () => {
    const live = begin(attend(), async (it) => {
      await Promise.all([it.ask(form('one?')), it.ask(form('two?')), it.ask(form('three?'))])
      return outcome('all')
    })
    await asked(live)
    live.answer(RawObject.of({ 'input-1': { action: 'accept' }, 'input-2': 'accept' }))
    expect(await asked(live)).toEqual({ 'input-2': 'two?', 'input-3': 'three?' })
    live.answer(undefined)
    expect(await asked(live)).toEqual({ 'input-2': 'two?', 'input-3': 'three?' })
    live.answer(accept('input-1', 'input-2', 'input-3', 'input-4'))
    expect(await roundOf(live)).toMatchObject({ kind: 'done' })
  })

  it('are for a client that has declared them, by its latest request', async () => {
    const none = attend(undefined, { caller: caller({ capabilities: { roots: {} } }) })
    let refused: unknown
    const live = begin(none, async (it) => {
      await it.ask(form('one?')).catch((error: unknown) => {
        refused = error
      })
      await it.ask({ method: 'roots/list', params: RawObject.empty })
      await it.ask(form('now?'))
      return outcome('done')
    })
    await asked(live)
    expect(refused).toMatchObject({ code: 'capability_required' })
    live.attach(attend())
    live.answer(accept('input-1'))
    expect(await asked(live)).toEqual({ 'input-2': 'now?' })
    live.answer(accept('input-2'))
    await roundOf(live)
  })

  it('are refused where no more calls may wait', async () => {
    const full = new GatewayError('rate_limited', 'full')
    const live = begin(
      attend(),
      async (it) => outcome(await it.ask(form('one?')).then(String, String)),
      () => {
        throw full
      },
    )
    expect(await roundOf(live)).toMatchObject({ outcome: outcome(String(full)) })
  })

  it('of a call that answers at once without waiting are not put', async () => {
    let left: Promise<unknown> = Promise.resolve()
    const live = begin(attend(), async (it) => {
      left = it.ask(form('never mind?')).catch((error: unknown) => error)
      return outcome('done already')
    })
    expect(await roundOf(live)).toMatchObject({ outcome: outcome('done already') })
    expect(await left).toMatchObject({ code: 'cancelled' })
  })

  it('come too late after the end of the call, and after it was cancelled', async () => {
    const over = begin(attend(), async () => outcome('over'))
    await roundOf(over)
    await expect(over.ask(form('late?'))).rejects.toMatchObject({ code: 'cancelled' })
    const cancelled = begin(attend(), endless)
    cancelled.abort(new GatewayError('timeout', 'too long'))
    await expect(cancelled.ask(form('late?'))).rejects.toMatchObject({ code: 'cancelled' })
    expect(await roundOf(cancelled)).toMatchObject({ kind: 'failed' })
  })

  it('that are open end with the call', async () => {
    let question: Promise<unknown> = Promise.resolve()
    const live = begin(attend(), (it) => {
      question = it.ask(form('one?')).catch((error: unknown) => error)
      return endless(it)
    })
    await asked(live)
    live.abort(new GatewayError('timeout', 'too long'))
    expect(await question).toMatchObject({ code: 'cancelled' })
    expect(await roundOf(live)).toMatchObject({ kind: 'failed', error: { code: 'cancelled' } })
  })
})

describe('a call whose client', () => {
  /** In its second round, which `later` waits for. */
  async function inSecondRound(later: Seen): Promise<LiveCall> {
    const live = begin(attend(), async (it) => {
      await it.ask(form('one?'))
      return endless(it)
    })
    await asked(live)
    live.attach(later)
    live.answer(accept('input-1'))
    void live.next()
    await vi.advanceTimersByTimeAsync(GATHER_MS)
    return live
  }

  it('goes away in the first round is cancelled at once', async () => {
    const seen = attend()
    const live = begin(seen, endless)
    const end = live.next()
    seen.visit.cancel.abort()
    expect(live.cancel.aborted).toBe(true)
    expect(await end).toMatchObject({ kind: 'failed' })
  })

  it('has gone before the call begins is cancelled from the start', async () => {
    const seen = attend()
    seen.visit.cancel.abort()
    const live = new LiveCall(seen, free)
    expect(live.cancel.aborted).toBe(true)
    live.start(endless(live))
    expect(await live.next()).toMatchObject({ kind: 'failed' })
  })

  it('goes away after it was asked is not: it has all it needs for its retry', async () => {
    const seen = attend()
    const live = begin(seen, async (it) => outcome(String(await saysBy(it, form('one?')))))
    await asked(live)
    seen.visit.cancel.abort()
    expect(live.cancel.aborted).toBe(false)
    live.answer(accept('input-1'))
    await roundOf(live)
  })

  it('loses its connection in a later round goes on for a while', async () => {
    const seen = attend()
    const live = await inSecondRound(seen)
    seen.visit.cancel.abort()
    await vi.advanceTimersByTimeAsync(LINGER_MS - 1)
    expect(live.cancel.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(live.cancel.aborted).toBe(true)
  })

  it('comes back within that while goes on', async () => {
    const [seen, again] = [attend(), attend()]
    const live = await inSecondRound(seen)
    seen.visit.cancel.abort()
    await vi.advanceTimersByTimeAsync(LINGER_MS - 1)
    live.attach(again)
    await vi.advanceTimersByTimeAsync(LINGER_MS)
    expect(live.cancel.aborted).toBe(false)
    again.visit.cancel.abort()
    await vi.advanceTimersByTimeAsync(LINGER_MS)
    expect(live.cancel.aborted).toBe(true)
  })

  it('sent its retry twice goes on while one of the two waits', async () => {
    const [seen, again] = [attend(), attend()]
    const live = await inSecondRound(seen)
    live.attach(again)
    seen.visit.cancel.abort()
    await vi.advanceTimersByTimeAsync(LINGER_MS)
    expect(live.cancel.aborted).toBe(false)
    live.abort(new GatewayError('cancelled', 'enough'))
    await vi.advanceTimersByTimeAsync(0)
  })

  it('says over stdio that it gives up is cancelled at once in every round', async () => {
    const seen = attend(undefined, { headers: undefined })
    const live = await inSecondRound(seen)
    seen.visit.cancel.abort()
    expect(live.cancel.aborted).toBe(true)
    await vi.advanceTimersByTimeAsync(0)
  })

  it('is cut off by us is cancelled at once, and for our reason', async () => {
    const seen = attend()
    const live = await inSecondRound(seen)
    const reason = new GatewayError('unavailable', 'the server is shutting down')
    seen.visit.cancel.abort(reason)
    expect(live.cancel.reason).toBe(reason)
    await vi.advanceTimersByTimeAsync(0)
  })

  it('lost its connection before it was asked again is waited for as any other', async () => {
    const seen = attend()
    let go: () => void = () => {}
    const live = begin(attend(), async (it) => {
      await it.ask(form('one?'))
      await new Promise<void>((resolve) => {
        go = resolve
      })
      return outcome(String(await saysBy(it, form('two?'))))
    })
    await asked(live)
    live.attach(seen)
    live.answer(accept('input-1'))
    const second = live.next()
    await vi.advanceTimersByTimeAsync(0)
    seen.visit.cancel.abort()
    go()
    await vi.advanceTimersByTimeAsync(LINGER_MS * 2)
    expect(await second).toMatchObject({ kind: 'asked' })
    expect(live.cancel.aborted).toBe(false)
    live.attach(attend())
    live.answer(accept('input-2'))
    expect(await roundOf(live)).toMatchObject({ outcome: outcome('input-2') })
  })
})

describe('what a backend tells', () => {
  const progress = (n: number) =>
    ({ method: 'notifications/progress', params: RawObject.of({ progressToken: 'b', progress: n }) }) as const

  it('goes to the request that waits, by its own token, and to nobody between two', async () => {
    const [first, second] = [1, 2].map((n) => attend({ name: 'deploy', _meta: { progressToken: `t${n}` } }))
    const live = begin(first as Seen, async (it) => {
      it.notify(progress(1))
      await it.ask(form('one?'))
      it.notify(progress(3))
      return outcome('done')
    })
    await asked(live)
    live.notify(progress(2))
    live.attach(second as Seen)
    live.answer(accept('input-1'))
    await roundOf(live)
    const told = ({ sent }: Seen) => sent.map((it) => JSON.parse(it).params)
    expect(told(first as Seen)).toEqual([{ progressToken: 't1', progress: 1 }])
    expect(told(second as Seen)).toEqual([{ progressToken: 't2', progress: 3 }])
  })
})
