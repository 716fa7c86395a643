import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../core/errors.ts'
import { accept, DONE, silence, useServers } from './testing/servers.ts'
import { TestExchange } from './testing.ts'

const servers = useServers()

describe('a call of what a run with the same arguments waits for', () => {
  const choosing = (choice: string | undefined) =>
    new TestExchange((ask) =>
      ask.run !== undefined
        ? accept
        : choice === undefined
          ? { action: 'decline' }
          : { action: 'accept', content: { choice } },
    )

  async function orphan(): Promise<string> {
    const first = servers.keeper()
    const controller = new AbortController()
    const { exchange, asked } = silence(controller.signal)
    const ended = servers.call(first, { exchange }).catch(() => {})
    const { run } = await asked
    controller.abort(new GatewayError('unavailable', 'the server is shutting down'))
    await ended
    await first.close()
    return String(run)
  }

  test('offers to go on with it, and does', async () => {
    const id = await orphan()
    const exchange = choosing('go on with it')
    const result = await servers.call(servers.keeper(), { exchange })
    expect(exchange.asks[0]?.params.parse()).toMatchObject({
      message: expect.stringMatching(
        /^A run of 'm' with the same arguments, begun at 20.* was interrupted .*step 'confirm'/,
      ),
    })
    expect(result).toMatchObject({ structuredContent: DONE, _meta: { 'dev.vmcp/report': { run: id } } })
    expect(servers.calls).toEqual(['plan', 'deploy'])
  })

  test('begins anew where the user wants that, and offers it no more', async () => {
    await orphan()
    await servers.call(servers.keeper(), { exchange: choosing('begin anew') })
    expect(servers.calls).toEqual(['plan', 'plan', 'deploy'])
    const exchange = choosing('begin anew')
    await servers.call(servers.keeper(), { exchange })
    expect(exchange.asks).toHaveLength(1)
  })

  test('does nothing where the user wants neither', async () => {
    await orphan()
    await expect(servers.call(servers.keeper(), { exchange: choosing(undefined) })).rejects.toThrow(
      'chose neither',
    )
    expect(servers.calls).toEqual(['plan'])
  })

  test('offers nothing while a server waits with the run', async () => {
    await servers.abandoned()
    const exchange = choosing('go on with it')
    await servers.call(servers.keeper(), { exchange })
    expect(exchange.asks).toHaveLength(1)
    expect(servers.calls).toEqual(['plan', 'plan', 'deploy'])
  })
})
