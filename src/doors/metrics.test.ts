import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { closedAfterEach } from '../../test/fixtures/closed.ts'
import { freePort } from '../../test/fixtures/ports.ts'
import {
  exchange,
  handMade,
  httpConfig,
  legacyBasics,
  legacyCaller,
  Stage,
  toolCall,
} from '../backends/testing.ts'
import { createGateway } from '../compose.ts'
import { DEFAULT_AGGREGATION, DEFAULT_SESSIONS, type GatewayConfig } from '../core/config.ts'
import { silent } from '../core/log.ts'
import type { PrometheusConfig } from '../core/telemetry-config.ts'
import { openObserving } from '../observe/observing.ts'
import type { Running } from '../running.ts'
import { MetricsDoor } from './metrics.ts'

const stage = closedAfterEach(new Stage())

function config(names: readonly string[], url: string, prometheus: PrometheusConfig): GatewayConfig {
  return {
    name: 'gate',
    group: undefined,
    backends: names.map((name) => httpConfig(url, { name, era: 'legacy' })),
    aggregation: DEFAULT_AGGREGATION,
    passthroughHeaders: [],
    sessions: DEFAULT_SESSIONS,
    telemetry: {
      serviceName: 'gate',
      serviceVersion: undefined,
      otlp: undefined,
      traces: undefined,
      metrics: false,
      prometheus,
      attributes: {},
      environment: {},
      legacyAttributes: true,
    },
  }
}

const PAGE = { onTransportPort: true, port: 0 }

async function open(given: GatewayConfig): Promise<Running> {
  const observing = await openObserving(given, { log: silent })
  const running = createGateway(given, { observing })
  stage.later(() => running.close())
  return running
}

async function call({ gateway }: Running, name: string): Promise<void> {
  const caller = legacyCaller()
  const { signal } = new AbortController()
  const resolved = await gateway.resolve(caller, { ...toolCall(name).call, name } as never, signal)
  await resolved.run(exchange())
}

describe('telemetry of a gateway', () => {
  test('is none where the configuration has none', async () => {
    const { telemetry: _, ...without } = config([], '', PAGE)
    expect((await open(without)).telemetry).toBeUndefined()
  })

  test('goes on with the backends of another configuration', async () => {
    const url = await stage.serve(handMade((message, _, res) => legacyBasics(message, res)))
    const running = await open(config(['a'], url, PAGE))
    await call(running, 'a_echo')
    await running.apply(config(['a', 'b'], url, PAGE))
    await call(running, 'a_echo')
    await call(running, 'b_echo')
    const text = (await running.telemetry?.scrape?.()) ?? ''
    const calls = [
      ...text.matchAll(/^toolhive_vmcp_backend_requests_total\{(.*action="call_tool".*)\} (\d+)$/gm),
    ]
    expect(
      calls.map(([, labels, value]) => [/workload_name="(\w+)"/.exec(labels ?? '')?.[1], value]),
    ).toEqual([
      ['a', '2'],
      ['b', '1'],
    ])
    expect(text).toContain('toolhive_vmcp_backends_discovered 2\n')
    expect(text).toContain('toolhive_vmcp_backend_health{target_workload_name="b",status="healthy"} 1\n')
  })

  test('counts on in another configuration, under the name of now', async () => {
    const url = await stage.serve(handMade((message, _, res) => legacyBasics(message, res)))
    const running = await open(config(['a'], url, PAGE))
    const first = running.telemetry
    await call(running, 'a_echo')
    await running.apply({ ...config(['a'], url, { ...PAGE, onTransportPort: false }), name: 'other' })
    await call(running, 'a_echo')
    expect(running.telemetry).not.toBe(first)
    const text = (await running.telemetry?.scrape?.()) ?? ''
    expect(text).toMatch(/^toolhive_vmcp_backend_requests_total\{.*action="call_tool".*\} 2$/m)
    expect(text.match(/^toolhive_vmcp_backends_discovered/gm)).toHaveLength(1)
    expect(text).toContain('toolhive_mcp_active_connections{server="other",connection_type="session"} 0\n')
  })

  test('begins and ends with the configuration', async () => {
    const url = await stage.serve(handMade((message, _, res) => legacyBasics(message, res)))
    const { telemetry: _, ...without } = config(['a'], url, PAGE)
    const running = await open(without)
    await call(running, 'a_echo')
    await running.apply(config(['a'], url, PAGE))
    await call(running, 'a_echo')
    const text = await running.telemetry?.scrape?.()
    expect(text).toMatch(/^toolhive_vmcp_backend_requests_total\{.*action="call_tool".*\} 1$/m)
    expect(text).toContain('toolhive_vmcp_backends_discovered 1\n')
    await running.apply(without)
    expect(running.telemetry).toBeUndefined()
    await call(running, 'a_echo')
  })

  test('that cannot be opened is refused with all else, and the one before goes on', async () => {
    const url = await stage.serve(handMade((message, _, res) => legacyBasics(message, res)))
    const running = await open(config(['a'], url, PAGE))
    const first = running.telemetry
    const { telemetry = fail(), ...rest } = config(['b'], url, PAGE)
    const otlp = {
      protocol: 'grpc',
      url: 'https://127.0.0.1:1',
      headers: {},
      caCertPath: '/none.pem',
    } as const
    await expect(running.apply({ ...rest, telemetry: { ...telemetry, otlp } })).rejects.toThrow(/none\.pem/)
    expect(running.telemetry).toBe(first)
    await call(running, 'a_echo')
  })
})

function fail(): never {
  throw new Error('there is telemetry')
}

describe('a port of metrics that is taken', () => {
  async function taken(): Promise<number> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    stage.later(() => new Promise((resolve) => server.close(resolve)))
    return (server.address() as AddressInfo).port
  }

  test('is an error where they are offered nowhere else', async () => {
    const port = await taken()
    const running = await open(config([], '', { onTransportPort: true, port }))
    await expect(MetricsDoor.open(running, { log: silent, elsewhere: false })).rejects.toMatchObject({
      code: 'config',
      message: expect.stringMatching(/^telemetry.prometheusPort: cannot listen .* or set it to 0$/),
    })
  })

  test('is worth a word where they are at the main port', async () => {
    const port = await taken()
    const running = await open(config([], '', { onTransportPort: true, port }))
    expect((await MetricsDoor.open(running, { log: stage.log, elsewhere: true })).url).toBeUndefined()
    expect(stage.log.lines).toMatchObject([
      { level: 'warn', message: expect.stringContaining('/metrics is offered on the main port alone') },
    ])
  })

  test('refuses a change that wants it, and one that is free takes its place', async () => {
    const port = await taken()
    const running = await open(config([], '', { onTransportPort: false, port: 0 }))
    const door = await MetricsDoor.open(running, { log: silent, elsewhere: true })
    stage.later(() => door.close())
    expect(door.url).toBeUndefined()
    const wanting = (it: number) => config([], '', { onTransportPort: false, port: it })
    await expect(running.apply(wanting(port))).rejects.toMatchObject({ code: 'config' })
    expect(running.history.generation).toBe(1)

    const free = await freePort()
    await running.apply(wanting(free))
    const read = async () => (await fetch(`http://127.0.0.1:${free}/metrics`)).text()
    expect(await read()).toContain('toolhive_vmcp_backends_discovered 0\n')
    await running.apply(config([], '', { onTransportPort: true, port: 0 }))
    await expect(read()).rejects.toThrow()
  })
})
