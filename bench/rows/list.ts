import { LegacyClient, ModernClient } from '../../test/fixtures/client.ts'
import { type Bench, type Contender, type Figure, type Row, ratio } from '../bench.ts'
import { legacyShot, modernShot, type Shot } from '../load.ts'

const TOOLS = 527
const COUNT = 400

/** `tools/list` of an unchanged catalogue, against a server that has the same bytes in memory. */
export const list: Row = {
  name: 'list',
  async run(bench: Bench): Promise<Figure[]> {
    const { catalog } = bench.options
    const backend = await bench.server('wire:echo', { era: 'both', id: 'b', tools: TOOLS - 1, catalog })
    const gateway = await bench.over([{ name: 'b', url: backend.ready }])
    const modern = new ModernClient(gateway.ready)
    const legacy = await LegacyClient.open(gateway.ready)
    bench.defer(() => Promise.all([modern.close(), legacy.close()]))
    return [
      await compareList(bench, {
        era: 'modern',
        url: gateway.ready,
        pid: gateway.pid,
        shot: modernShot('tools/list'),
        bytes: (await modern.request('tools/list')).text,
      }),
      await compareList(bench, {
        era: 'legacy',
        url: gateway.ready,
        pid: gateway.pid,
        shot: legacyShot(legacy.session, 'tools/list'),
        bytes: (await legacy.request('tools/list')).text,
      }),
    ]
  },
}

interface Listing {
  readonly era: string
  readonly url: string
  readonly pid: number
  readonly shot: Shot
  readonly bytes: string
}

async function compareList(bench: Bench, { era, url, pid, shot, bytes }: Listing): Promise<Figure> {
  const listed = bytes.split('"inputSchema":').length - 1
  if (listed < TOOLS) throw new Error(`tools/list has ${listed} tools, not ${TOOLS}: ${bytes.slice(0, 300)}`)
  const server = await bench.tool('bytes.js', await bench.file('list.json', bytes))
  const contenders: Contender[] = [
    { name: 'from memory', pid: server.pid, load: { url: server.ready, shots: [shot], count: COUNT } },
    { name: 'gateway', pid, load: { url, shots: [shot], count: COUNT } },
  ]
  const what = `tools/list of ${listed} tools, ${(bytes.length / 1000).toFixed(0)} KB (${era})`
  return ratio(what, await bench.compare(contenders), { of: 'gateway', to: 'from memory', limit: 1.5 })
}
