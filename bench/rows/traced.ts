import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Bench, difference, type Figure, type Kind, type Row, under } from '../bench.ts'
import { echoParams, modernShot } from '../load.ts'

const COUNT = 3000
/** In microseconds: all that telemetry may cost a call, as it is without a word about sampling. */
const LIMIT = 10

/** What telemetry costs a call: metrics with traces of the usual share (5 %), and with traces of every call. */
export const traced: Row = {
  name: 'traced',
  async run(bench: Bench): Promise<Figure[]> {
    const { ready: backend } = await bench.server('wire:echo', { era: 'modern', id: 'b' })
    const endpoint = await collector(bench)
    const telemetry = { endpoint, insecure: true, metricsEnabled: true, tracingEnabled: true }
    const kind = (name: string, blocks: object): Kind => ({
      name,
      start: async (set) =>
        under({ shots: [SHOT], count: COUNT }, await set.over([{ name: 'b', url: backend }], { blocks })),
    })
    const rounds = await bench.compareClosely([
      kind('off', {}),
      kind('on', { telemetry }),
      kind('all', { telemetry: { ...telemetry, samplingRate: 1 } }),
    ])
    return [
      difference('telemetry on, with traces of 5 % of the calls, beyond off', rounds, {
        of: 'on',
        to: 'off',
        limit: LIMIT,
      }),
      difference('the same with traces of every call', rounds, { of: 'all', to: 'off' }),
    ]
  },
}

const SHOT = modernShot('tools/call', echoParams('b_echo'))

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
