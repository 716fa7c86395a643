import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Ask } from '../../../core/call.ts'
import type { JsonObject } from '../../../core/catalog.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { Outcome } from '../outcome.ts'
import { GATHER_MS, LINGER_MS, LiveCall } from './live-call.ts'
import { Parking } from './parking.ts'
import type { Reply } from './round.ts'
import { attend, caller, form, outcome, retry, type Seen } from './testing.ts'

const ANSWER_MS = 10_000
const KEPT_MS = 5_000
const SWEEP_MS = 2_000

let parking: Parking
beforeEach(() => {
  vi.useFakeTimers()
  parking = new Parking({ answerMs: ANSWER_MS, keptMs: KEPT_MS })
})
afterEach(async () => {
  parking.close(new GatewayError('unavailable', 'closing'))
  await vi.advanceTimersByTimeAsync(0)
  expect([vi.getTimerCount(), parking.size], 'timers and entries left behind').toEqual([0, 0])
  vi.useRealTimers()
})

type Work = (live: LiveCall) => Promise<Outcome>

/** Asks one thing after another, and says in the end what the answers were. */
const asks =
  (...messages: string[]): Work =>
  async (live) => {
    const answers: unknown[] = []
    for (const message of messages) answers.push((await live.ask(form(message))).value('action'))
    return outcome(answers.join(' '))
  }

async function settled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  await vi.advanceTimersByTimeAsync(GATHER_MS)
  return promise
}

interface Begun {
  readonly live: LiveCall
  readonly reply: Promise<Reply>
}

function begin(work: Work, seen = attend()): Begun {
  const live = new LiveCall(seen, parking.checkRoom)
  live.start(work(live))
  const reply = parking.round(live, seen)
  reply.catch(() => {})
  return { live, reply }
}

function stateOf(reply: Reply): string {
  if (reply.kind !== 'asked') throw new Error('nothing was asked')
  return reply.state
}

const questions = (reply: Reply) =>
  reply.kind === 'asked' ? [...reply.asks.values()].map((ask: Ask) => ask.params.value('message')) : reply

const accept = (n = 1): JsonObject => ({ [`input-${n}`]: { action: 'accept' } })

const resume = (state: string, seen: Seen) => settled((async () => parking.resume(state, seen))())

const REFUSED = { code: 'invalid_params' }

describe('a call that waits for its client', () => {
  it('goes on with each retry until it is done', async () => {
    const first = await settled(begin(asks('one?', 'two?')).reply)
    const second = await resume(stateOf(first), retry(accept(1)))
    expect([questions(first), questions(second)]).toEqual([['one?'], ['two?']])
    expect(await resume(stateOf(second), retry(accept(2)))).toEqual({
      kind: 'done',
      outcome: outcome('accept accept'),
    })
  })

  it('waits under a state that says nothing and is never the same', async () => {
    const states = await Promise.all(
      [1, 2, 3].map(async () => stateOf(await settled(begin(asks('?')).reply))),
    )
    expect(new Set(states).size).toBe(3)
    for (const state of states) {
      expect(state).toMatch(/^vmcp\.p\.[\w-]{32}$/)
      expect(parking.has(state)).toBe(true)
    }
    for (const other of [undefined, 7, {}, 'x', 'vmcp.s.abc']) expect(parking.has(other)).toBe(false)
  })

  it('gives the retry its failure where it failed meanwhile', async () => {
    let fail: (error: Error) => void = () => {}
    const { live, reply } = begin(
      (it) =>
        new Promise((_, reject) => {
          fail = reject
          it.ask(form('?')).catch(() => {})
        }),
    )
    const state = stateOf(await settled(reply))
    fail(new GatewayError('unavailable', 'the backend died'))
    await vi.advanceTimersByTimeAsync(1_000)
    for (let times = 0; times < 2; times++)
      await expect(resume(state, retry(accept()))).rejects.toMatchObject({ code: 'unavailable' })
    await expect(live.ask(form('more?'))).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('gives the retry its outcome where it did not wait for the answer', async () => {
    const { reply } = begin(async (it) => {
      it.ask(form('?')).catch(() => {})
      await new Promise((resolve) => setTimeout(resolve, 100))
      return outcome('did not wait')
    })
    const state = stateOf(await settled(reply))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await resume(state, retry({}))).toMatchObject({ outcome: outcome('did not wait') })
  })
})

describe('a retry that comes twice', () => {
  /** A call that is asked once, and then works until `finish`. */
  async function working() {
    let finish: () => void = () => {}
    const { live, reply } = begin(async (it) => {
      const answer = await it.ask(form('?'))
      await new Promise<void>((resolve) => {
        finish = resolve
      })
      return outcome(String(answer.value('action')))
    })
    return { live, state: stateOf(await settled(reply)), finish: () => finish() }
  }

  it('gets the same outcome while the call goes on, and after', async () => {
    const { state, finish } = await working()
    const declined = retry({ 'input-1': { action: 'decline' } })
    const both = [retry(accept()), declined].map((seen) => parking.resume(state, seen))
    await vi.advanceTimersByTimeAsync(1_000)
    finish()
    const done = { kind: 'done', outcome: outcome('accept') }
    expect(await Promise.all(both)).toEqual([done, done])
    expect(await resume(state, declined)).toEqual(done)
    await vi.advanceTimersByTimeAsync(KEPT_MS + SWEEP_MS)
    await expect(resume(state, declined)).rejects.toMatchObject(REFUSED)
  })

  it('gets the same next question, under the same state', async () => {
    const first = stateOf(await settled(begin(asks('one?', 'two?')).reply))
    const [once, twice] = await Promise.all([1, 2].map(() => resume(first, retry(accept()))))
    expect(once).toEqual(twice)
    expect(await resume(first, retry(accept()))).toEqual(once)
    const second = stateOf(once as Reply)
    expect(await resume(second, retry(accept(2)))).toMatchObject({ outcome: outcome('accept accept') })
    expect(await resume(first, retry(accept()))).toEqual(once)
  })

  it('late does not take the next round from its request', async () => {
    const { live, reply } = begin(async (it) => {
      await it.ask(form('one?'))
      await it.ask(form('two?'))
      return new Promise((_, reject) => it.onAbort(() => reject(new GatewayError('cancelled', 'gone'))))
    })
    const first = stateOf(await settled(reply))
    const second = stateOf(await resume(first, retry(accept())))
    const seen = retry(accept(2), { name: 'deploy', _meta: { progressToken: 'mine' } })
    const ending = parking.resume(second, seen)
    ending.catch(() => {})
    const late = retry(accept(), { name: 'deploy', _meta: { progressToken: 'late' } })
    await resume(first, late)
    live.notify({ method: 'notifications/progress', params: form('').params })
    expect([seen.sent.length, late.sent.length]).toEqual([1, 0])
    seen.visit.cancel.abort()
    await vi.advanceTimersByTimeAsync(LINGER_MS)
    expect(live.cancel.aborted).toBe(true)
    await expect(ending).rejects.toMatchObject({ code: 'cancelled' })
  })
})

describe('a call whose run is kept elsewhere too', () => {
  const RUN = '9be28ee5-4dd6-4b45-8b3b-2f36dd7d8a5e'
  const kept = (message: string): Ask => ({ ...form(message), run: RUN, key: 'step:confirm' })
  const answers = { 'step:confirm': { action: 'accept' } }

  /** Goes on with it where it did not wait. */
  function takeOver(state: string, seen: Seen, work: Work) {
    const live = new LiveCall(seen, parking.checkRoom, true)
    live.start(work(live))
    const reply = parking.takeOver(state, live, seen)
    reply.catch(() => {})
    return { live, reply }
  }

  it('waits under a state that names the run, and goes on here as any other', async () => {
    const { reply } = begin(async (it) => outcome(String((await it.ask(kept('?'))).value('action'))))
    const first = await settled(reply)
    const state = stateOf(first)
    expect(state).toMatch(new RegExp(`^vmcp\\.r\\.${RUN}\\.[\\w-]{32}$`))
    expect(first.kind === 'asked' && [...first.asks.keys()]).toEqual(['step:confirm'])
    expect([parking.has(state), parking.runOf(state)]).toEqual([true, undefined])
    expect(await resume(state, retry(answers))).toMatchObject({ outcome: outcome('accept') })
  })

  it('is known by its state where it did not wait, and nothing else is', () => {
    expect(parking.runOf(`vmcp.r.${RUN}.abc`)).toBe(RUN)
    for (const other of [
      undefined,
      7,
      '',
      'vmcp.p.abc',
      'vmcp.r.',
      `vmcp.r.${RUN}`,
      `vmcp.r.../x.abc`,
      `vmcp.r.${RUN}.a b`,
    ])
      expect(parking.runOf(other)).toBeUndefined()
  })

  it('gives the same to a retry that comes twice, and may come again when its connection breaks', async () => {
    const state = `vmcp.r.${RUN}.abc`
    const seen = retry(answers)
    let finish: () => void = () => {}
    const { live, reply } = takeOver(state, seen, async () => {
      await new Promise<void>((resolve) => {
        finish = resolve
      })
      return outcome('done')
    })
    seen.visit.cancel.abort()
    await vi.advanceTimersByTimeAsync(LINGER_MS - 1)
    expect(parking.runOf(state)).toBeUndefined()
    const again = parking.resume(state, retry(answers))
    await vi.advanceTimersByTimeAsync(LINGER_MS)
    expect(live.cancel.aborted).toBe(false)
    finish()
    await vi.advanceTimersByTimeAsync(0)
    const done = { kind: 'done', outcome: outcome('done') }
    expect([await reply, await again, await resume(state, retry(answers))]).toEqual([done, done, done])
  })

  it('does not keep why it could not be taken over, which may be another thing later', async () => {
    const state = `vmcp.r.${RUN}.abc`
    const { reply } = takeOver(state, retry(answers), async () => {
      throw new GatewayError('unavailable', 'the store cannot be asked')
    })
    await expect(reply).rejects.toMatchObject({ code: 'unavailable' })
    expect(parking.runOf(state)).toBe(RUN)
  })
})

describe('a retry is refused, and the call of the owner not disturbed,', () => {
  const stranger = caller({ principal: { issuer: 'i', subject: 'mallory', name: 'M', claims: {} } })
  const inputResponses = accept()

  it.each<[string, (state: string) => readonly [string, Seen]]>([
    [
      'by another caller',
      (state) => [state, attend({ name: 'deploy', inputResponses }, { caller: stranger })],
    ],
    ['for another tool', (state) => [state, retry(accept(), { name: 'destroy' })]],
    ['for other arguments', (state) => [state, retry(accept(), { name: 'deploy', arguments: { to: 'x' } })]],
    [
      'with a forged state',
      (state) => [`${state.slice(0, -1)}${state.endsWith('A') ? 'B' : 'A'}`, retry(accept())],
    ],
    ['with an empty state', () => ['vmcp.p.', retry(accept())]],
  ])('%s', async (_, make) => {
    const { live, reply } = begin(asks('one?', 'two?'))
    const state = stateOf(await settled(reply))
    const [tried, seen] = make(state)
    await expect(resume(tried, seen)).rejects.toMatchObject(REFUSED)
    live.notify({ method: 'notifications/message', params: form('').params })
    seen.visit.cancel.abort()
    expect(seen.sent).toEqual([])
    const second = await resume(state, retry(accept()))
    expect(questions(second)).toEqual(['two?'])
    // What came of it is no more theirs than the call was.
    await expect(resume(tried, seen)).rejects.toMatchObject(REFUSED)
    expect(await resume(stateOf(second), retry(accept(2)))).toMatchObject({ kind: 'done' })
  })
})

describe('time', () => {
  it('runs out for a client that does not answer: the call ends at the backend', async () => {
    const { live, reply } = begin(asks('?'))
    const state = stateOf(await settled(reply))
    await vi.advanceTimersByTimeAsync(ANSWER_MS - 10)
    expect(live.cancel.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(SWEEP_MS + 10)
    expect(live.cancel.reason).toMatchObject({
      code: 'timeout',
      message: 'the client did not answer within 10 s',
    })
    await expect(resume(state, retry(accept()))).rejects.toMatchObject(REFUSED)
    expect([parking.size, vi.getTimerCount()]).toEqual([0, 0])
  })

  it('begins anew with each question, and does not run while the call goes on', async () => {
    let finish: () => void = () => {}
    const { live, reply } = begin(async (it) => {
      await it.ask(form('one?'))
      await it.ask(form('two?'))
      await new Promise<void>((resolve) => {
        finish = resolve
      })
      return outcome('done')
    })
    const first = stateOf(await settled(reply))
    await vi.advanceTimersByTimeAsync(ANSWER_MS - 1_000)
    const second = stateOf(await resume(first, retry(accept())))
    await vi.advanceTimersByTimeAsync(ANSWER_MS - 1_000)
    const ending = parking.resume(second, retry(accept(2)))
    await vi.advanceTimersByTimeAsync(ANSWER_MS * 3)
    expect(live.cancel.aborted).toBe(false)
    finish()
    expect(await ending).toMatchObject({ outcome: outcome('done') })
    await vi.advanceTimersByTimeAsync(KEPT_MS + SWEEP_MS)
    expect([parking.size, vi.getTimerCount()]).toEqual([0, 0])
  })
})

describe('room', () => {
  beforeEach(() => {
    parking = new Parking({ answerMs: ANSWER_MS, keptMs: KEPT_MS, most: 2 })
  })

  it('is for so many calls, and free again when one ends or expires', async () => {
    const [one] = await Promise.all([1, 2].map(() => settled(begin(asks('?')).reply)))
    await expect(settled(begin(asks('?')).reply)).rejects.toMatchObject({ code: 'rate_limited' })
    await resume(stateOf(one as Reply), retry(accept()))
    await settled(begin(asks('?')).reply)
    await expect(settled(begin(asks('?')).reply)).rejects.toMatchObject({ code: 'rate_limited' })
    await vi.advanceTimersByTimeAsync(ANSWER_MS + SWEEP_MS)
    expect(questions(await settled(begin(asks('?')).reply))).toEqual(['?'])
  })

  it('is not made by asking all at once', async () => {
    const begun = [1, 2, 3, 4].map(() => begin(asks('?')))
    await vi.advanceTimersByTimeAsync(GATHER_MS)
    const ends = await Promise.allSettled(begun.map(({ reply }) => reply))
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected'])
    expect(ends[3]).toMatchObject({ reason: { code: 'rate_limited' } })
    expect(begun.map(({ live }) => live.cancel.aborted)).toEqual([false, false, true, true])
  })

  it('is kept by a call until its end, so that it can go on asking', async () => {
    const one = await settled(begin(asks('one?', 'two?', 'three?')).reply)
    await settled(begin(asks('?')).reply)
    const going = parking.resume(stateOf(one), retry(accept()))
    const other = begin(asks('?'))
    await vi.advanceTimersByTimeAsync(GATHER_MS)
    await expect(other.reply).rejects.toMatchObject({ code: 'rate_limited' })
    expect(questions(await going)).toEqual(['two?'])
    expect(questions(await resume(stateOf(await going), retry(accept(2))))).toEqual(['three?'])
  })
})

describe('the room of one user', () => {
  const of = (subject: string) => ({
    caller: caller({ principal: { issuer: 'i', subject, name: subject, claims: {} } }),
  })
  const asAda = () => begin(asks('one?', 'two?'), attend(undefined, of('ada')))

  beforeEach(() => {
    parking = new Parking({ answerMs: ANSWER_MS, keptMs: KEPT_MS, most: 8 })
  })

  it('is a quarter of all, so that others can still ask', async () => {
    await Promise.all([1, 2].map(() => settled(asAda().reply)))
    await expect(settled(asAda().reply)).rejects.toMatchObject({
      code: 'rate_limited',
      message: '2 of your calls are asking already: answer or cancel one first',
    })
    const bob = begin(asks('?'), attend(undefined, of('bob')))
    expect(questions(await settled(bob.reply))).toEqual(['?'])
  })

  it('is not more for one who asks with all calls at once', async () => {
    const begun = [1, 2, 3, 4].map(asAda)
    await vi.advanceTimersByTimeAsync(GATHER_MS)
    const ends = await Promise.allSettled(begun.map(({ reply }) => reply))
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected'])
  })

  it('is free again when a call ends, expires, or asks no more, and not while it asks on', async () => {
    const again = (state: string, n: number) =>
      resume(state, attend({ name: 'deploy', inputResponses: accept(n) }, of('ada')))
    const [first] = await Promise.all([1, 2].map(() => settled(asAda().reply)))
    const second = await again(stateOf(first as Reply), 1)
    expect(questions(second)).toEqual(['two?'])
    await expect(settled(asAda().reply)).rejects.toMatchObject({ code: 'rate_limited' })
    await again(stateOf(second), 2)
    await settled(asAda().reply)
    await expect(settled(asAda().reply)).rejects.toMatchObject({ code: 'rate_limited' })
    await vi.advanceTimersByTimeAsync(ANSWER_MS + SWEEP_MS)
    for (let n = 0; n < 2; n++) expect(questions(await settled(asAda().reply))).toEqual(['one?'])
    await expect(settled(asAda().reply)).rejects.toMatchObject({ code: 'rate_limited' })
  })

  it('is all of it where users cannot be told apart', async () => {
    for (let n = 0; n < 8; n++) await settled(begin(asks('?')).reply)
    await expect(settled(begin(asks('?')).reply)).rejects.toMatchObject({ code: 'rate_limited' })
  })
})

describe('what came of a retry', () => {
  const LIMITS = { keptMs: KEPT_MS, keptBytes: 100, allKeptBytes: 250, mostKept: 3 }
  const says = (text: string) => async (live: LiveCall) => {
    await live.ask(form('?'))
    return outcome(text)
  }
  /** The state of a call that was retried once and is done. */
  const done = async (text: string) => {
    const state = stateOf(await settled(begin(says(text)).reply))
    await resume(state, retry(accept()))
    return state
  }
  const isKept = (state: string) =>
    resume(state, retry(accept())).then(
      () => true,
      () => false,
    )

  beforeEach(() => {
    parking = new Parking(LIMITS)
  })

  it('is not kept when it is large, but two retries at once get it', async () => {
    const state = stateOf(await settled(begin(says('x'.repeat(100))).reply))
    const both = await Promise.all([1, 2].map(() => resume(state, retry(accept()))))
    expect(both[0]).toEqual(both[1])
    expect(await isKept(state)).toBe(false)
    expect(parking.size).toBe(0)
  })

  it('is forgotten, the oldest first, when there is too much of it', async () => {
    const large = [await done('x'.repeat(80)), await done('y'.repeat(80)), await done('z'.repeat(80))]
    expect(await Promise.all(large.map(isKept))).toEqual([false, true, true])
  })

  it('is forgotten, the oldest first, when there are too many', async () => {
    const many = [await done('1'), await done('2'), await done('3'), await done('4')]
    expect(await Promise.all(many.map(isKept))).toEqual([false, true, true, true])
    expect(parking.size).toBe(3)
  })
})

describe('the end of the front', () => {
  it('ends all calls and keeps nothing', async () => {
    const [waiting, going] = [begin(asks('?')), begin(asks('one?'))]
    await vi.advanceTimersByTimeAsync(GATHER_MS)
    const working = begin(async (it) => {
      await it.ask(form('?'))
      return new Promise((_, reject) => it.onAbort(() => reject(new GatewayError('cancelled', 'gone'))))
    })
    const state = stateOf(await settled(working.reply))
    const ending = parking.resume(state, retry(accept()))
    ending.catch(() => {})
    await vi.advanceTimersByTimeAsync(0)
    const reason = new GatewayError('unavailable', 'the server is shutting down')
    parking.close(reason)
    for (const { live } of [waiting, going, working]) expect(live.cancel.reason).toBe(reason)
    await expect(ending).rejects.toMatchObject({ code: 'cancelled' })
    await expect(resume(state, retry(accept()))).rejects.toMatchObject(REFUSED)
    await expect(settled(begin(asks('?')).reply)).rejects.toBe(reason)
    expect(parking.size).toBe(0)
  })
})
