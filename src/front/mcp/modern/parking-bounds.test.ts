import { describe, expect, it, vi } from 'vitest'
import { GATHER_MS, type LiveCall } from './live-call.ts'
import type { Reply } from './round.ts'
import {
  ANSWER_MS,
  accept,
  asks,
  KEPT_MS,
  questions,
  REFUSED,
  SWEEP_MS,
  settled,
  stateOf,
  useParking,
} from './testing/lot.ts'
import { attend, caller, form, outcome, retry } from './testing.ts'

describe('time', () => {
  const lot = useParking()

  it('runs out for a client that does not answer: the call ends at the backend', async () => {
    const { live, reply } = lot.begin(asks('?'))
    const state = stateOf(await settled(reply))
    await vi.advanceTimersByTimeAsync(ANSWER_MS - 10)
    expect(live.cancel.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(SWEEP_MS + 10)
    expect(live.cancel.reason).toMatchObject({
      code: 'timeout',
      message: 'the client did not answer within 10 s',
    })
    await expect(lot.resume(state, retry(accept()))).rejects.toMatchObject(REFUSED)
    expect([lot.parking.size, vi.getTimerCount()]).toEqual([0, 0])
  })

  it('begins anew with each question, and does not run while the call goes on', async () => {
    let finish: () => void = () => {}
    const { live, reply } = lot.begin(async (it) => {
      await it.ask(form('one?'))
      await it.ask(form('two?'))
      await new Promise<void>((resolve) => {
        finish = resolve
      })
      return outcome('done')
    })
    const first = stateOf(await settled(reply))
    await vi.advanceTimersByTimeAsync(ANSWER_MS - 1_000)
    const second = stateOf(await lot.resume(first, retry(accept())))
    await vi.advanceTimersByTimeAsync(ANSWER_MS - 1_000)
    const ending = lot.parking.resume(second, retry(accept(2)))
    await vi.advanceTimersByTimeAsync(ANSWER_MS * 3)
    expect(live.cancel.aborted).toBe(false)
    finish()
    expect(await ending).toMatchObject({ outcome: outcome('done') })
    await vi.advanceTimersByTimeAsync(KEPT_MS + SWEEP_MS)
    expect([lot.parking.size, vi.getTimerCount()]).toEqual([0, 0])
  })
})

describe('room', () => {
  const lot = useParking({ most: 2 })

  it('is for so many calls, and free again when one ends or expires', async () => {
    const [one] = await Promise.all([1, 2].map(() => settled(lot.begin(asks('?')).reply)))
    await expect(settled(lot.begin(asks('?')).reply)).rejects.toMatchObject({ code: 'rate_limited' })
    await lot.resume(stateOf(one as Reply), retry(accept()))
    await settled(lot.begin(asks('?')).reply)
    await expect(settled(lot.begin(asks('?')).reply)).rejects.toMatchObject({ code: 'rate_limited' })
    await vi.advanceTimersByTimeAsync(ANSWER_MS + SWEEP_MS)
    expect(questions(await settled(lot.begin(asks('?')).reply))).toEqual(['?'])
  })

  it('is not made by asking all at once', async () => {
    const begun = [1, 2, 3, 4].map(() => lot.begin(asks('?')))
    await vi.advanceTimersByTimeAsync(GATHER_MS)
    const ends = await Promise.allSettled(begun.map(({ reply }) => reply))
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected'])
    expect(ends[3]).toMatchObject({ reason: { code: 'rate_limited' } })
    expect(begun.map(({ live }) => live.cancel.aborted)).toEqual([false, false, true, true])
  })

  it('is kept by a call until its end, so that it can go on asking', async () => {
    const one = await settled(lot.begin(asks('one?', 'two?', 'three?')).reply)
    await settled(lot.begin(asks('?')).reply)
    const going = lot.parking.resume(stateOf(one), retry(accept()))
    const other = lot.begin(asks('?'))
    await vi.advanceTimersByTimeAsync(GATHER_MS)
    await expect(other.reply).rejects.toMatchObject({ code: 'rate_limited' })
    expect(questions(await going)).toEqual(['two?'])
    expect(questions(await lot.resume(stateOf(await going), retry(accept(2))))).toEqual(['three?'])
  })
})

describe('the room of one user', () => {
  const lot = useParking({ most: 8 })

  const of = (subject: string) => ({
    caller: caller({ principal: { issuer: 'i', subject, name: subject, claims: {} } }),
  })
  const asAda = () => lot.begin(asks('one?', 'two?'), attend(undefined, of('ada')))

  it('is a quarter of all, so that others can still ask', async () => {
    await Promise.all([1, 2].map(() => settled(asAda().reply)))
    await expect(settled(asAda().reply)).rejects.toMatchObject({
      code: 'rate_limited',
      message: '2 of your calls are asking already: answer or cancel one first',
    })
    const bob = lot.begin(asks('?'), attend(undefined, of('bob')))
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
      lot.resume(state, attend({ name: 'deploy', inputResponses: accept(n) }, of('ada')))
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
    for (let n = 0; n < 8; n++) await settled(lot.begin(asks('?')).reply)
    await expect(settled(lot.begin(asks('?')).reply)).rejects.toMatchObject({ code: 'rate_limited' })
  })
})

describe('what came of a retry', () => {
  const lot = useParking({ keptBytes: 100, allKeptBytes: 250, mostKept: 3 })
  const says = (text: string) => async (live: LiveCall) => {
    await live.ask(form('?'))
    return outcome(text)
  }
  /** The state of a call that was retried once and is done. */
  const done = async (text: string) => {
    const state = stateOf(await settled(lot.begin(says(text)).reply))
    await lot.resume(state, retry(accept()))
    return state
  }
  const isKept = (state: string) =>
    lot.resume(state, retry(accept())).then(
      () => true,
      () => false,
    )

  it('is not kept when it is large, but two retries at once get it', async () => {
    const state = stateOf(await settled(lot.begin(says('x'.repeat(100))).reply))
    const both = await Promise.all([1, 2].map(() => lot.resume(state, retry(accept()))))
    expect(both[0]).toEqual(both[1])
    expect(await isKept(state)).toBe(false)
    expect(lot.parking.size).toBe(0)
  })

  it('is forgotten, the oldest first, when there is too much of it', async () => {
    const large = [await done('x'.repeat(80)), await done('y'.repeat(80)), await done('z'.repeat(80))]
    expect(await Promise.all(large.map(isKept))).toEqual([false, true, true])
  })

  it('is forgotten, the oldest first, when there are too many', async () => {
    const many = [await done('1'), await done('2'), await done('3'), await done('4')]
    expect(await Promise.all(many.map(isKept))).toEqual([false, true, true, true])
    expect(lot.parking.size).toBe(3)
  })
})
