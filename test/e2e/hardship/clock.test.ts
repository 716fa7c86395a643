import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { LegacyClient, ModernClient } from '../../fixtures/client.ts'
import { closedAfterEach } from '../../fixtures/closed.ts'
import { config } from '../../fixtures/config.ts'
import { ROOT } from '../../fixtures/root.ts'
import { Stage, serverCommand } from '../../fixtures/stage.ts'

const stage = closedAfterEach(new Stage())
const DAY_MS = 86_400_000

it('a clock that jumps a day ahead and two days back ends no session, no call and no backend', async () => {
  const http = await stage.server('wire:echo', { era: 'legacy', id: 'http' })
  const backends = [
    { name: 'http', url: http.ready },
    {
      name: 'stdio',
      transport: 'stdio' as const,
      ...serverCommand('wire:echo', { era: 'modern', id: 'stdio' }),
    },
    { name: 'slow', url: (await stage.hosted('slow')).ready },
  ]
  const gateway = await stage.gateway({
    config: config(backends),
    nodeArgs: ['--import', join(ROOT, '.cache/tools/test/fixtures/jump.js')],
  })
  const legacy = await LegacyClient.open(gateway.ready)
  const modern = new ModernClient(gateway.ready)
  stage.defer(() => Promise.all([legacy.close(), modern.close()]))
  const pids = async () => {
    const calls = ['http_echo', 'stdio_echo'].flatMap((name) => {
      const params = { name, arguments: { input: 'x' } }
      return [legacy.result('tools/call', params), modern.result('tools/call', params)]
    })
    return (await Promise.all(calls)).map((result) =>
      JSON.parse((result.content as { text: string }[])[0]?.text ?? ''),
    )
  }
  const before = await pids()
  for (const days of [1, -1]) {
    const inFlight = legacy.result('tools/call', { name: 'slow_sleep', arguments: { seconds: 0.7 } })
    await delay(200)
    process.kill(gateway.pid, 'SIGUSR2')
    expect(await inFlight).not.toHaveProperty('isError', true)
    await expect.poll(() => gateway.stderr()).toContain(`the clock says ${dayOf(days)}`)
    await delay(300)
    // The same processes and the same sessions as before.
    expect(await pids()).toEqual(before)
  }
})

function dayOf(days: number): string {
  return new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10)
}
