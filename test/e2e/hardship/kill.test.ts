import { expect, it } from 'vitest'
import { LegacyClient, ModernClient, type Reply } from '../../fixtures/client.ts'
import { closedAfterEach } from '../../fixtures/closed.ts'
import { config } from '../../fixtures/config.ts'
import { descendantsOf, isAlive } from '../../fixtures/processes.ts'
import { Stage, serverCommand } from '../../fixtures/stage.ts'

const stage = closedAfterEach(new Stage())
for (const era of ['modern', 'legacy'] as const) {
  it(`kill -9 of a ${era} stdio backend under load costs the calls in it, which say so, and nobody else's`, async () => {
    const backends = ['victim', 'other'].map((id) => ({
      name: id,
      transport: 'stdio' as const,
      ...serverCommand('wire:echo', { era, id }),
    }))
    const gateway = await stage.gateway({ config: config(backends) })
    const modern = new ModernClient(gateway.ready)
    const legacy = await LegacyClient.open(gateway.ready)
    stage.defer(() => Promise.all([modern.close(), legacy.close()]))
    const clients = [modern, legacy]
    const found = { victim: [] as string[], other: [] as string[] }
    let isOn = true
    let n = 0
    const load = async (name: 'victim' | 'other') => {
      while (isOn) {
        const input = `call-${++n}`
        const client = clients[n % clients.length] as ModernClient
        found[name].push(
          outcomeOf(
            await client.request('tools/call', { name: `${name}_echo`, arguments: { input } }),
            input,
          ),
        )
      }
    }
    const workers = (['victim', 'other'] as const).flatMap((name) =>
      Array.from({ length: 4 }, () => load(name)),
    )
    const kills: number[] = []
    while (kills.length < 3) {
      const reply = await modern.request('tools/call', { name: 'victim_echo', arguments: { input: 'pid' } })
      const pid = pidIn(reply)
      if (pid === undefined || !isAlive(pid)) continue
      process.kill(pid, 'SIGKILL')
      kills.push(pid)
    }
    await expect
      .poll(
        async () =>
          pidIn(await legacy.request('tools/call', { name: 'victim_echo', arguments: { input: 'x' } })),
        {
          timeout: 15_000,
        },
      )
      .toBeTypeOf('number')
    isOn = false
    await Promise.all(workers)
    expect(found.other.filter((outcome) => outcome !== 'answered')).toEqual([])
    const errors = found.victim.filter((outcome) => outcome !== 'answered')
    for (const error of errors) expect(error).toContain("'victim'")
    expect(errors.length).toBeLessThanOrEqual(found.victim.length)
    expect(new Set(kills).size).toBe(kills.length)
    expect(descendantsOf(gateway.pid).filter((pid) => kills.includes(pid) && isAlive(pid))).toEqual([])
  })
}

function outcomeOf({ message, text }: Reply, input: string): string {
  if (message.error !== undefined) return message.error.message
  return text.includes(input) ? 'answered' : `the answer to something else: ${text}`
}

function pidIn({ message }: Reply): number | undefined {
  const [block] = (message.result?.content ?? []) as { text: string }[]
  return block === undefined ? undefined : (JSON.parse(block.text) as { pid: number }).pid
}
