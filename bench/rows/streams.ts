import { type Bench, type Figure, median, type Row, ratio } from '../bench.ts'
import { collectable, heldBytes } from '../sessions.ts'
import { LiveStreams, type StreamEra, untilStreaming } from '../streams.ts'

const STREAMS = 500
const WARM_UP = STREAMS
/** Of one round. */
const SECONDS = 2

interface Cell {
  readonly client: StreamEra
  readonly backend: StreamEra
  readonly limit: number
}

/** Open streams with one notification a second each, through the gateway and through the proxy. */
function streamsIn({ client, backend: era, limit }: Cell): Row {
  return {
    name: `streams-${client}-${era}`,
    async run(bench: Bench): Promise<Figure[]> {
      const backend = await bench.server('wire:live', { era, id: 'b', resources: STREAMS })
      const gateway = await collectable(bench, [{ name: 'b', url: backend.ready }])
      const options = { url: gateway.ready, backend: backend.ready, era: client }
      await (await LiveStreams.open({ ...options, count: WARM_UP })).close()
      const before = await heldBytes(gateway)
      const streams = await LiveStreams.open({ ...options, count: STREAMS })
      bench.defer(() => streams.close())
      const bytes = (await heldBytes(gateway)) - before
      if (era === 'legacy') await untilStreaming(backend.ready, client === 'legacy' ? STREAMS : 1)
      const yardstick = await proxied(bench, client)
      const rounds = await bench.compare([
        { name: 'proxy', pid: yardstick.pid, load: () => yardstick.streams.hear(SECONDS) },
        { name: 'gateway', pid: gateway.pid, load: () => streams.hear(SECONDS) },
      ])
      const what = `${STREAMS} open streams, ${client} → ${era}`
      const cpu = ratio(`${what}, per notification`, rounds, { of: 'gateway', to: 'proxy', limit })
      return [{ ...cpu, detail: `${shares(rounds['gateway'] ?? [])}; ${cpu.detail}` }, held(what, bytes)]
    },
  }
}

/** The same clients with as many streams straight to a server of their own era. */
async function proxied(bench: Bench, era: StreamEra) {
  const backend = await bench.server('wire:live', { era, id: 'p', resources: STREAMS })
  const { pid, ready: url } = await bench.proxy(backend.ready)
  const streams = await LiveStreams.open({ url, backend: backend.ready, era, count: STREAMS })
  bench.defer(() => streams.close())
  return { pid, streams }
}

function shares(micros: readonly number[]): string {
  const share = (median(micros) * STREAMS) / 1e6
  return `every stream once a second: ${(share * 100).toFixed(1)} % of a core`
}

function held(what: string, bytes: number): Figure {
  const detail = `RSS held, ${(bytes / 1024 / 1024).toFixed(1)} MB for all`
  return { what: `${what}, memory of each`, measured: bytes / STREAMS / 1024, unit: 'KB', detail }
}

export const streams: readonly Row[] = [
  streamsIn({ client: 'legacy', backend: 'legacy', limit: 2.5 }),
  streamsIn({ client: 'modern', backend: 'modern', limit: 2.5 }),
  streamsIn({ client: 'legacy', backend: 'modern', limit: 2.5 }),
  streamsIn({ client: 'modern', backend: 'legacy', limit: 2.5 }),
]
