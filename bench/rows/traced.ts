import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Bench, difference, type Figure, type Row } from '../bench.ts'
import { echoParams, modernShot } from '../load.ts'
import { switched } from '../switched.ts'

const CALLS = 3000
/** In microseconds: all that telemetry may cost a call, as it is without a word about sampling. */
const LIMIT = 10

/** What telemetry costs a call: metrics alone, with traces of the usual share, and with traces of every call. */
export const traced: Row = {
  name: 'traced',
  async run(bench: Bench): Promise<Figure[]> {
    const { ready: backend } = await bench.server('wire:echo', { era: 'modern', id: 'b' })
    const endpoint = await collector(bench)
    const contenders = await switched(bench, {
      backends: [{ name: 'b', url: backend }],
      kinds: {
        plain: {},
        metrics: { telemetry: telemetryOf(endpoint, 0) },
        usual: { telemetry: telemetryOf(endpoint, 0.05) },
        all: { telemetry: telemetryOf(endpoint, 1) },
      },
      loadOf: (url) => ({ url, shots: [modernShot('tools/call', echoParams('b_echo'))], count: CALLS }),
    })
    const rounds = await bench.compareClosely(contenders)
    const beyond = (of: string, what: string, limit?: number) =>
      difference(what, rounds, { of, to: 'plain', ...(limit !== undefined && { limit }) })
    return [
      beyond('metrics', 'metrics of a call', LIMIT),
      beyond('usual', 'metrics of a call, and traces of 5 % of them', LIMIT),
      beyond('all', 'metrics and traces of every call'),
    ]
  },
}

function telemetryOf(endpoint: string, samplingRate: number): object {
  const traces = samplingRate > 0 ? { tracingEnabled: true, samplingRate } : {}
  return { endpoint, insecure: true, metricsEnabled: true, ...traces }
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
