import { serverCommand } from '../../test/fixtures/stage.ts'
import { type Bench, type Contender, type Figure, type Row, ratio } from '../bench.ts'
import { echoParams, modernShot } from '../load.ts'

const COUNT = 5000

/** `tools/call` to stdio backends of either era; the proxy, which has no stdio, calls a modern HTTP one. */
export const callStdio: Row = {
  name: 'call-stdio',
  async run(bench: Bench): Promise<Figure[]> {
    const backend = await bench.server('wire:echo', { era: 'modern', id: 'b' })
    const proxy = await bench.proxy(backend.ready)
    const gateway = await bench.over(
      (['legacy', 'modern'] as const).map((era) => ({
        name: era,
        transport: 'stdio',
        ...serverCommand('wire:echo', { era, id: era }),
      })),
    )
    const load = (url: string, tool: string) => ({
      url,
      shots: [modernShot('tools/call', echoParams(tool))],
      count: COUNT,
    })
    const contenders: Contender[] = [
      { name: 'proxy', pid: proxy.pid, load: load(proxy.ready, 'echo') },
      { name: 'legacy', pid: gateway.pid, load: load(gateway.ready, 'legacy_echo') },
      { name: 'modern', pid: gateway.pid, load: load(gateway.ready, 'modern_echo') },
    ]
    const rounds = await bench.compare(contenders)
    return (['legacy', 'modern'] as const).map((era) =>
      ratio(`tools/call to a stdio backend (${era})`, rounds, { of: era, to: 'proxy', limit: 1.5 }),
    )
  },
}
