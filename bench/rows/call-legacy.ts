import { LegacyClient } from '../../test/fixtures/client.ts'
import { type Bench, type Contender, type Figure, type Row, ratio } from '../bench.ts'
import { echoParams, legacyShot, type Shot } from '../load.ts'

const COUNT = 5000
const SESSIONS = 4

/** `tools/call` in a client's legacy session to a backend's legacy session. */
function legacyCalls(row: { name: string; what: string; reply: 'json' | 'sse'; limit?: number }): Row {
  return {
    name: row.name,
    async run(bench: Bench): Promise<Figure[]> {
      const backend = await bench.server('wire:echo', { era: 'legacy', id: 'b', reply: row.reply })
      const proxy = await bench.proxy(backend.ready)
      const gateway = await bench.over([{ name: 'b', url: backend.ready }])
      const contenders: Contender[] = []
      for (const [name, { pid, ready: url }, tool] of [
        ['proxy', proxy, 'echo'],
        ['gateway', gateway, 'b_echo'],
      ] as const) {
        contenders.push({ name, pid, load: { url, shots: await sessions(bench, url, tool), count: COUNT } })
      }
      const rounds = await bench.compare(contenders)
      const limit = row.limit === undefined ? {} : { limit: row.limit }
      return [ratio(row.what, rounds, { of: 'gateway', to: 'proxy', ...limit })]
    },
  }
}

async function sessions(bench: Bench, url: string, tool: string): Promise<Shot[]> {
  const shots: Shot[] = []
  for (let i = 0; i < SESSIONS; i++) {
    const client = await LegacyClient.open(url)
    bench.defer(() => client.close())
    shots.push(legacyShot(client.session, 'tools/call', echoParams(tool)))
  }
  return shots
}

export const callLegacy = legacyCalls({
  name: 'call-legacy',
  what: 'tools/call, small JSON, legacy session → legacy session',
  reply: 'json',
  limit: 2.2,
})

export const callLegacySse = legacyCalls({
  name: 'call-legacy-sse',
  what: 'the same, the backend answers as an event stream',
  reply: 'sse',
})
