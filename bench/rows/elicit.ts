import { type Bench, type Figure, type Row, ratio } from '../bench.ts'
import { converse, type Dialogue, legacyClient, modernClient } from '../dialogue.ts'
import type { StreamEra } from '../streams.ts'

const COUNT = 2000
const IN_FLIGHT = 16

interface Cell {
  readonly client: StreamEra
  readonly backend: StreamEra
  readonly limit: number
}

/** A call in the course of which the client is asked: call, question, answer and result are two HTTP exchanges. */
function elicitIn({ client, backend: era, limit }: Cell): Row {
  return {
    name: `elicit-${client}-${era}`,
    async run(bench: Bench): Promise<Figure[]> {
      const own = await bench.server('wire:live', { era: client, id: 'p' })
      const proxy = await bench.proxy(own.ready)
      const backend = await bench.server('wire:live', { era, id: 'b' })
      const gateway = await bench.over([{ name: 'b', url: backend.ready }])
      const direct = await dialogue(bench, client, { url: proxy.ready, tool: 'confirm' })
      const bridged = await dialogue(bench, client, { url: gateway.ready, tool: 'b_confirm' })
      const rounds = await bench.compare([
        { name: 'proxy', pid: proxy.pid, load: () => converse(direct, COUNT) },
        { name: 'gateway', pid: gateway.pid, load: () => converse(bridged, COUNT) },
      ])
      const what = `tools/call with an elicitation, ${client} → ${era}`
      return [ratio(what, rounds, { of: 'gateway', to: 'proxy', limit })]
    },
  }
}

async function dialogue(bench: Bench, era: StreamEra, at: Omit<Dialogue, 'clients'>): Promise<Dialogue> {
  if (era === 'modern') return { ...at, clients: new Array(IN_FLIGHT).fill(modernClient) }
  const opened = await Promise.all(Array.from({ length: IN_FLIGHT }, () => legacyClient(at.url)))
  bench.defer(() => Promise.all(opened.map(({ close }) => close())))
  return { ...at, clients: opened.map(({ client }) => client) }
}

export const elicit: readonly Row[] = [
  elicitIn({ client: 'legacy', backend: 'legacy', limit: 5 }),
  elicitIn({ client: 'modern', backend: 'modern', limit: 4 }),
  elicitIn({ client: 'legacy', backend: 'modern', limit: 4.5 }),
  elicitIn({ client: 'modern', backend: 'legacy', limit: 6 }),
]
