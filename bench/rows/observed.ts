import { join } from 'node:path'
import { LegacyClient } from '../../test/fixtures/client.ts'
import type { BackendEntry } from '../../test/fixtures/config.ts'
import { type ServerFlags, serverCommand } from '../../test/fixtures/stage.ts'
import { type Bench, type Figure, type Kind, type Row, ratio, under } from '../bench.ts'
import { echoParams, legacyShot, modernShot, type Shot } from '../load.ts'

/** Of a gateway with audit and metrics on, to one without. */
const LIMIT = 1.25

interface Observed {
  readonly name: string
  readonly what: string
  readonly backend: ServerFlags
  readonly shots: (bench: Bench, url: string) => Shot[] | Promise<Shot[]>
  readonly count: number
}

function observed({ name, what, backend, shots, count }: Observed): Row {
  return {
    name: `observed-${name}`,
    async run(bench: Bench): Promise<Figure[]> {
      const backends = [await entryOf(bench, backend)]
      const kind = (kindName: string, blocksOf: (set: Bench) => Promise<object>): Kind => ({
        name: kindName,
        async start(set) {
          const gateway = await set.over(backends, { blocks: await blocksOf(set) })
          return under({ shots: await shots(set, gateway.ready), count }, gateway)
        },
      })
      const rounds = await bench.compareClosely([
        kind('plain', async () => ({})),
        kind('observed', observation),
      ])
      return [ratio(`audit and metrics on: ${what}`, rounds, { of: 'observed', to: 'plain', limit: LIMIT })]
    },
  }
}

async function observation(bench: Bench): Promise<object> {
  const audit = { logFile: join(await bench.folder(), 'audit.log') }
  return { audit, telemetry: { metricsEnabled: true, enablePrometheusMetricsPath: true } }
}

async function entryOf(bench: Bench, flags: ServerFlags): Promise<BackendEntry> {
  if (flags.transport === 'stdio') {
    return { name: 'b', transport: 'stdio', ...serverCommand('wire:echo', { ...flags, id: 'b' }) }
  }
  const { ready: url } = await bench.server('wire:echo', {
    ...flags,
    id: 'b',
    catalog: bench.options.catalog,
  })
  return { name: 'b', url }
}

const modern = (size = 0) => [modernShot('tools/call', echoParams('b_echo', size))]

async function inSession(bench: Bench, url: string): Promise<Shot[]> {
  const client = await LegacyClient.open(url)
  bench.defer(() => client.close())
  return [legacyShot(client.session, 'tools/call', echoParams('b_echo'))]
}

/** The table of what calls cost, with all that is written down of them. */
export const observedRows: readonly Row[] = [
  observed({
    name: 'modern',
    what: 'tools/call, modern → modern HTTP',
    backend: { era: 'modern' },
    shots: () => modern(),
    count: 3000,
  }),
  observed({
    name: 'legacy',
    what: 'tools/call, legacy → legacy',
    backend: { era: 'legacy', reply: 'json' },
    shots: inSession,
    count: 3000,
  }),
  observed({
    name: 'stdio',
    what: 'tools/call to a stdio backend',
    backend: { era: 'modern', transport: 'stdio' },
    shots: () => modern(),
    count: 3000,
  }),
  observed({
    name: '64k',
    what: 'tools/call, 64 KB result',
    backend: { era: 'modern' },
    shots: () => modern(65_536),
    count: 1000,
  }),
  observed({
    name: 'list',
    what: 'tools/list of 527 tools',
    backend: { era: 'both', tools: 526 },
    shots: () => [modernShot('tools/list')],
    count: 300,
  }),
]
