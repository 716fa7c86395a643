import { type Bench, type Contender, type Figure, median, type Row } from '../bench.ts'
import { echoParams, modernShot } from '../load.ts'

/** The yardstick itself, and the backend behind it: for information, and to see that the machine is quiet. */
export const proxy: Row = {
  name: 'proxy',
  async run(bench: Bench): Promise<Figure[]> {
    const backend = await bench.server('wire:echo', { era: 'modern', id: 'b' })
    const { pid, ready: url } = await bench.proxy(backend.ready)
    const shots = (size: number) => [modernShot('tools/call', echoParams('echo', size))]
    const contenders: Contender[] = [
      { name: 'small', pid, load: { url, shots: shots(0), count: 5000 } },
      { name: '64 KB', pid, load: { url, shots: shots(65_536), count: 1500 } },
      { name: 'backend', pid: backend.pid, load: { url: backend.ready, shots: shots(0), count: 5000 } },
    ]
    const rounds = await bench.compare(contenders)
    const detail = contenders
      .map(({ name }) => `${name} ${median(rounds[name] ?? []).toFixed(1)} µs`)
      .join(', ')
    const small = rounds.small ?? []
    const spread = Math.max(...small) / Math.min(...small)
    return [{ what: 'the bare proxy: slowest round to fastest', measured: spread, unit: '×', detail }]
  },
}
