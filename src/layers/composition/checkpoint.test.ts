import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../core/catalog.ts'
import { type Log, silent } from '../../core/log.ts'
import type { RunKeeper } from '../../core/runs.ts'
import { accept, answering, asking, DONE, noted, resuming, silence, useServers } from './testing/servers.ts'
import { TestExchange } from './testing.ts'

const servers = useServers()

describe('a run that waits', () => {
  test('ends where it was resumed elsewhere, with all that is under way, though its client answers too', async () => {
    let answer: (it: JsonObject) => void = () => {}
    let tell: (id: string) => void = () => {}
    const asked = new Promise<string>((resolve) => {
      tell = resolve
    })
    const exchange = new TestExchange((ask) => {
      tell(String(ask.run))
      return new Promise((resolve) => {
        answer = resolve
      })
    })
    const ended = servers.call(servers.keeper(), { exchange })
    const id = await asked
    await servers.call(servers.keeper(), answering(id, 'confirm'))
    answer(accept)
    expect(await ended).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining(`run ${id} does not go on here: it was resumed elsewhere`) }],
    })
    expect(servers.calls).toEqual(['plan', 'deploy'])
  })

  test('does not go on by itself where it was resumed elsewhere before it gave up waiting', async () => {
    const { exchange, asked } = silence()
    const steps = [
      asking('confirm', { timeoutMs: 200, onCancel: 'continue' } as object),
      noted('deploy', ['confirm']),
    ]
    const ended = servers.call(servers.keeper(), { exchange, steps })
    const id = String((await asked).run)
    await servers.call(servers.keeper(), { ...answering(id, 'confirm'), steps })
    expect(await ended).toMatchObject({ isError: true })
    expect(servers.calls).toEqual(['deploy'])
  })

  test('is kept no longer once it is answered, declined, timed out or cancelled', async () => {
    const steps = [asking('confirm', { timeoutMs: 50 } as object)]
    for (const answer of [() => accept, () => ({ action: 'decline' }), () => new Promise<never>(() => {})]) {
      const here = servers.keeper()
      await servers.call(here, { exchange: new TestExchange(answer), steps })
      expect(await here.all()).toEqual([])
    }
    const controller = new AbortController()
    const { exchange, asked } = silence(controller.signal)
    const here = servers.keeper()
    const ended = servers.call(here, { exchange })
    await asked
    expect(await here.all()).toHaveLength(1)
    controller.abort()
    await expect(ended).rejects.toThrow('cancelled')
    expect(await here.all()).toEqual([])
  })

  test('waits all the same where it cannot be kept, and the log says why', async () => {
    const broken: RunKeeper = {
      keep: () => Promise.reject(new Error('the disk is full')),
      find: () => Promise.reject(new Error('the disk is full')),
      orphan: () => Promise.reject(new Error('the disk is full')),
    }
    const said: string[] = []
    const log: Log = { ...silent, warn: (_, message) => void said.push(message) }
    const exchange = new TestExchange(() => accept)
    expect((await servers.call(broken, { exchange, log }))['structuredContent']).toEqual(DONE)
    expect(said).toEqual([
      'whether a run waits to be resumed cannot be told',
      'a run that waits could not be kept',
    ])
    await expect(servers.call(broken, resuming('x'))).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('does not go on with an answer while its store does not say that it may, and can be resumed after', async () => {
    const real = servers.keeper()
    let isDown = false
    const fragile: RunKeeper = {
      find: (...it) => real.find(...it),
      orphan: (...it) => real.orphan(...it),
      async keep(...it) {
        const hold = await real.keep(...it)
        const guarded = async <T>(work: () => Promise<T>) => {
          if (isDown) throw new Error('no connection')
          return work()
        }
        return (
          hold && {
            ...hold,
            release: () => guarded(hold.release),
            update: (run) => guarded(() => hold.update(run)),
          }
        )
      },
    }
    const exchange = new TestExchange(() => {
      isDown = true
      return accept
    })
    const failed = await servers.call(fragile, { exchange })
    expect(failed).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('the store of runs does not say') }],
    })
    expect(servers.calls).toEqual(['plan'])
    const id = String(exchange.asks[0]?.run)
    expect((await servers.call(servers.keeper(), answering(id, 'confirm')))['structuredContent']).toEqual(
      DONE,
    )
  })
})
