import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Bench, difference, type Figure, type Row } from '../bench.ts'
import { echoParams, modernShot, type Shot } from '../load.ts'
import { beyond, contender, several } from '../processes.ts'

const CALLS = 3000
/** In microseconds: all that telemetry may cost a call, as it is without a word about sampling. */
const LIMIT = 10

/**
 * What telemetry costs a call: metrics alone, with traces of the usual share, and with traces of every call. Which calls
 * are recorded is decided by the clients, so that shares are compared in the same processes.
 */
export const traced: Row = {
  name: 'traced',
  async run(bench: Bench): Promise<Figure[]> {
    const { ready: backend } = await bench.server('wire:echo', { era: 'modern', id: 'b' })
    const telemetry = telemetryOf(await collector(bench))
    const start = (blocks: object) => bench.over([{ name: 'b', url: backend }], { blocks })
    const plain = await several(async () => contender('plain', await start({}), NONE))
    const on = await several(() => start({ telemetry }))
    const processes = await bench.compareClosely([
      ...plain,
      ...on.flatMap((it) => [
        contender('metrics', it, NONE),
        contender('usual', it, USUAL),
        contender('all', it, ALL),
      ]),
    ])
    const metrics = beyond('metrics of a call', processes, { of: 'metrics', to: 'plain', limit: LIMIT })
    const usual = difference('traces of 5 % of the calls, beyond that', processes, {
      of: 'usual',
      to: 'metrics',
    })
    const all = difference('traces of every call, beyond metrics', processes, { of: 'all', to: 'metrics' })
    const measured = metrics.measured + usual.measured
    const both = { what: 'both of these', measured, unit: 'µs', limit: LIMIT, detail: 'their sum' } as const
    return [metrics, usual, both, all]
  },
}

const RECORDED = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const SHOT = modernShot('tools/call', echoParams('b_echo'))
const RECORDED_SHOT = { ...SHOT, headers: { ...SHOT.headers, traceparent: RECORDED } }
const NONE = { shots: [SHOT], count: CALLS }
const USUAL = { shots: [RECORDED_SHOT, ...new Array<Shot>(19).fill(SHOT)], count: CALLS }
const ALL = { shots: [RECORDED_SHOT], count: CALLS }

function telemetryOf(endpoint: string): object {
  return { endpoint, insecure: true, metricsEnabled: true, tracingEnabled: true, samplingRate: 0 }
}

/** Takes whatever it is sent. */
async function collector(bench: Bench): Promise<string> {
  const server = createServer((req, res) => {
    req.resume()
    res.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  bench.defer(async () => {
    server.closeAllConnections()
    server.close()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}
