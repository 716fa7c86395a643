import { describe, expect, it, vi } from 'vitest'
import { GatewayError } from '../../../core/errors.ts'
import { GATHER_MS, LINGER_MS } from './live-call.ts'
import type { Reply } from './round.ts'
import {
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
import { attend, caller, form, outcome, retry, type Seen } from './testing.ts'

const lot = useParking()

describe('a call that waits for its client', () => {
  it('goes on with each retry until it is done', async () => {
    const first = await settled(lot.begin(asks('one?', 'two?')).reply)
    const second = await lot.resume(stateOf(first), retry(accept(1)))
    expect([questions(first), questions(second)]).toEqual([['one?'], ['two?']])
    expect(await lot.resume(stateOf(second), retry(accept(2)))).toEqual({
      kind: 'done',
      outcome: outcome('accept accept'),
    })
  })

  it('waits under a state that says nothing and is never the same', async () => {
    const states = await Promise.all(
      [1, 2, 3].map(async () => stateOf(await settled(lot.begin(asks('?')).reply))),
    )
    expect(new Set(states).size).toBe(3)
    for (const state of states) {
      expect(state).toMatch(/^vmcp\.p\.[\w-]{32}$/)
      expect(lot.parking.has(state)).toBe(true)
    }
    for (const other of [undefined, 7, {}, 'x', 'vmcp.s.abc']) expect(lot.parking.has(other)).toBe(false)
  })

  it('gives the retry its failure where it failed meanwhile', async () => {
    let fail: (error: Error) => void = () => {}
    const { live, reply } = lot.begin(
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
      await expect(lot.resume(state, retry(accept()))).rejects.toMatchObject({ code: 'unavailable' })
    await expect(live.ask(form('more?'))).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('gives the retry its outcome where it did not wait for the answer', async () => {
    const { reply } = lot.begin(async (it) => {
      it.ask(form('?')).catch(() => {})
      await new Promise((resolve) => setTimeout(resolve, 100))
      return outcome('did not wait')
    })
    const state = stateOf(await settled(reply))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await lot.resume(state, retry({}))).toMatchObject({ outcome: outcome('did not wait') })
  })
})

describe('a retry that comes twice', () => {
  /** A call that is asked once, and then works until `finish`. */
  async function working() {
    let finish: () => void = () => {}
    const { live, reply } = lot.begin(async (it) => {
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
    const both = [retry(accept()), declined].map((seen) => lot.parking.resume(state, seen))
    await vi.advanceTimersByTimeAsync(1_000)
    finish()
    const done = { kind: 'done', outcome: outcome('accept') }
    expect(await Promise.all(both)).toEqual([done, done])
    expect(await lot.resume(state, declined)).toEqual(done)
    await vi.advanceTimersByTimeAsync(KEPT_MS + SWEEP_MS)
    await expect(lot.resume(state, declined)).rejects.toMatchObject(REFUSED)
  })

  it('gets the same next question, under the same state', async () => {
    const first = stateOf(await settled(lot.begin(asks('one?', 'two?')).reply))
    const [once, twice] = await Promise.all([1, 2].map(() => lot.resume(first, retry(accept()))))
    expect(once).toEqual(twice)
    expect(await lot.resume(first, retry(accept()))).toEqual(once)
    const second = stateOf(once as Reply)
    expect(await lot.resume(second, retry(accept(2)))).toMatchObject({ outcome: outcome('accept accept') })
    expect(await lot.resume(first, retry(accept()))).toEqual(once)
  })

  it('late does not take the next round from its request', async () => {
    const { live, reply } = lot.begin(async (it) => {
      await it.ask(form('one?'))
      await it.ask(form('two?'))
      return new Promise((_, reject) => it.onAbort(() => reject(new GatewayError('cancelled', 'gone'))))
    })
    const first = stateOf(await settled(reply))
    const second = stateOf(await lot.resume(first, retry(accept())))
    const seen = retry(accept(2), { name: 'deploy', _meta: { progressToken: 'mine' } })
    const ending = lot.parking.resume(second, seen)
    ending.catch(() => {})
    const late = retry(accept(), { name: 'deploy', _meta: { progressToken: 'late' } })
    await lot.resume(first, late)
    live.notify({ method: 'notifications/progress', params: form('').params })
    expect([seen.sent.length, late.sent.length]).toEqual([1, 0])
    seen.visit.cancel.abort()
    await vi.advanceTimersByTimeAsync(LINGER_MS)
    expect(live.cancel.aborted).toBe(true)
    await expect(ending).rejects.toMatchObject({ code: 'cancelled' })
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
    const { live, reply } = lot.begin(asks('one?', 'two?'))
    const state = stateOf(await settled(reply))
    const [tried, seen] = make(state)
    await expect(lot.resume(tried, seen)).rejects.toMatchObject(REFUSED)
    live.notify({ method: 'notifications/message', params: form('').params })
    seen.visit.cancel.abort()
    expect(seen.sent).toEqual([])
    const second = await lot.resume(state, retry(accept()))
    expect(questions(second)).toEqual(['two?'])
    // What came of it is no more theirs than the call was.
    await expect(lot.resume(tried, seen)).rejects.toMatchObject(REFUSED)
    expect(await lot.resume(stateOf(second), retry(accept(2)))).toMatchObject({ kind: 'done' })
  })
})

describe('the end of the front', () => {
  it('ends all calls and keeps nothing', async () => {
    const [waiting, going] = [lot.begin(asks('?')), lot.begin(asks('one?'))]
    await vi.advanceTimersByTimeAsync(GATHER_MS)
    const working = lot.begin(async (it) => {
      await it.ask(form('?'))
      return new Promise((_, reject) => it.onAbort(() => reject(new GatewayError('cancelled', 'gone'))))
    })
    const state = stateOf(await settled(working.reply))
    const ending = lot.parking.resume(state, retry(accept()))
    ending.catch(() => {})
    await vi.advanceTimersByTimeAsync(0)
    const reason = new GatewayError('unavailable', 'the server is shutting down')
    lot.parking.close(reason)
    for (const { live } of [waiting, going, working]) expect(live.cancel.reason).toBe(reason)
    await expect(ending).rejects.toMatchObject({ code: 'cancelled' })
    await expect(lot.resume(state, retry(accept()))).rejects.toMatchObject(REFUSED)
    await expect(settled(lot.begin(asks('?')).reply)).rejects.toBe(reason)
    expect(lot.parking.size).toBe(0)
  })
})
