import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Bench, Figure, Row } from '../bench.ts'
import { echoParams, modernShot } from '../load.ts'
import { beyond, several } from '../processes.ts'

const CALLS = 3000
/** In microseconds: all that telemetry may cost a call, as it is without a word about sampling. */
const LIMIT = 10

/** What telemetry costs a call: metrics alone, with traces of the usual share, and with traces of every call. */
export const traced: Row = {
  name: 'traced',
  async run(bench: Bench): Promise<Figure[]> {
    const { ready: backend } = await bench.server('wire:echo', { era: 'modern', id: 'b' })
    const endpoint = await collector(bench)
    const kind = (name: string, blocks: object) =>
      several(async () => {
        const { pid, ready: url } = await bench.over([{ name: 'b', url: backend }], { blocks })
        return {
          name,
          pid,
          load: { url, shots: [modernShot('tools/call', echoParams('b_echo'))], count: CALLS },
        }
      })
    const contenders = [
      await kind('plain', {}),
      await kind('metrics', { telemetry: telemetryOf(endpoint, 0) }),
      await kind('usual', { telemetry: telemetryOf(endpoint, 0.05) }),
      await kind('all', { telemetry: telemetryOf(endpoint, 1) }),
    ]
    const processes = await bench.compareClosely(contenders.flat())
    return [
      beyond('metrics of a call', processes, { of: 'metrics', to: 'plain', limit: LIMIT }),
      beyond('metrics of a call, and traces of 5 % of them', processes, {
        of: 'usual',
        to: 'plain',
        limit: LIMIT,
      }),
      beyond('metrics and traces of every call', processes, { of: 'all', to: 'plain' }),
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
