import { type Bench, type Contender, type Figure, type Row, ratio } from '../bench.ts'
import { echoParams, modernShot } from '../load.ts'

/** `tools/call` from a modern client to a modern HTTP backend. */
function modernCalls(row: { name: string; what: string; size: number; count: number; limit: number }): Row {
  return {
    name: row.name,
    async run(bench: Bench): Promise<Figure[]> {
      const backend = await bench.server('wire:echo', { era: 'modern', id: 'b' })
      const proxy = await bench.proxy(backend.ready)
      const gateway = await bench.over([{ name: 'b', url: backend.ready }])
      const call = (name: string) => [modernShot('tools/call', echoParams(name, row.size))]
      const contenders: Contender[] = [
        { name: 'proxy', pid: proxy.pid, load: { url: proxy.ready, shots: call('echo'), count: row.count } },
        {
          name: 'gateway',
          pid: gateway.pid,
          load: { url: gateway.ready, shots: call('b_echo'), count: row.count },
        },
      ]
      const rounds = await bench.compare(contenders)
      return [ratio(row.what, rounds, { of: 'gateway', to: 'proxy', limit: row.limit })]
    },
  }
}

export const callModern = modernCalls({
  name: 'call-modern',
  what: 'tools/call, small JSON, modern → modern HTTP',
  size: 0,
  count: 5000,
  limit: 2,
})

export const callLarge = modernCalls({
  name: 'call-64k',
  what: 'tools/call, 64 KB result, modern → modern HTTP',
  size: 65_536,
  count: 1500,
  limit: 1.5,
})
