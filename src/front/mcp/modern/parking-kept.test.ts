import { describe, expect, it, vi } from 'vitest'
import type { Ask } from '../../../core/call.ts'
import { GatewayError } from '../../../core/errors.ts'
import { LINGER_MS, LiveCall } from './live-call.ts'
import { settled, stateOf, useParking, type Work } from './testing/lot.ts'
import { form, outcome, retry, type Seen } from './testing.ts'

const lot = useParking()

describe('a call whose run is kept elsewhere too', () => {
  const RUN = '9be28ee5-4dd6-4b45-8b3b-2f36dd7d8a5e'
  const kept = (message: string): Ask => ({ ...form(message), run: RUN, key: 'step:confirm' })
  const answers = { 'step:confirm': { action: 'accept' } }

  /** Goes on with it where it did not wait. */
  function takeOver(state: string, seen: Seen, work: Work) {
    const live = new LiveCall(seen, lot.parking.checkRoom, true)
    live.start(work(live))
    const reply = lot.parking.takeOver(state, live, seen)
    reply.catch(() => {})
    return { live, reply }
  }

  it('waits under a state that names the run, and goes on here as any other', async () => {
    const { reply } = lot.begin(async (it) => outcome(String((await it.ask(kept('?'))).value('action'))))
    const first = await settled(reply)
    const state = stateOf(first)
    expect(state).toMatch(new RegExp(`^vmcp\\.r\\.${RUN}\\.[\\w-]{32}$`))
    expect(first.kind === 'asked' && [...first.asks.keys()]).toEqual(['step:confirm'])
    expect([lot.parking.has(state), lot.parking.runOf(state)]).toEqual([true, undefined])
    expect(await lot.resume(state, retry(answers))).toMatchObject({ outcome: outcome('accept') })
  })

  it('is known by its state where it did not wait, and nothing else is', () => {
    expect(lot.parking.runOf(`vmcp.r.${RUN}.abc`)).toBe(RUN)
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
      expect(lot.parking.runOf(other)).toBeUndefined()
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
    expect(lot.parking.runOf(state)).toBeUndefined()
    const again = lot.parking.resume(state, retry(answers))
    await vi.advanceTimersByTimeAsync(LINGER_MS)
    expect(live.cancel.aborted).toBe(false)
    finish()
    await vi.advanceTimersByTimeAsync(0)
    const done = { kind: 'done', outcome: outcome('done') }
    expect([await reply, await again, await lot.resume(state, retry(answers))]).toEqual([done, done, done])
  })

  it('does not keep why it could not be taken over, which may be another thing later', async () => {
    const state = `vmcp.r.${RUN}.abc`
    const { reply } = takeOver(state, retry(answers), async () => {
      throw new GatewayError('unavailable', 'the store cannot be asked')
    })
    await expect(reply).rejects.toMatchObject({ code: 'unavailable' })
    expect(lot.parking.runOf(state)).toBe(RUN)
  })
})
