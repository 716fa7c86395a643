import parsePrometheusTextFormat from 'parse-prometheus-text-format'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Receiver } from '../../../test/fixtures/otlp/receiver.ts'
import { GatewayError } from '../../core/errors.ts'
import { silent } from '../../core/log.ts'
import type { Telemetry } from '../../core/telemetry.ts'
import { memoryGateway, type Served, serve, text } from '../../front/testing.ts'
import { openTelemetry } from './index.ts'

// What clients do at the front door, and what is recorded of it.

let receiver: Receiver
let telemetry: Telemetry
let served: Served

beforeEach(async () => {
  receiver = await Receiver.http()
  telemetry = await openTelemetry(
    {
      serviceName: 'gate',
      serviceVersion: undefined,
      otlp: {
        protocol: 'http/protobuf',
        url: `http://${receiver.address}`,
        headers: {},
        caCertPath: undefined,
      },
      traces: { samplingRate: 1 },
      metrics: false,
      prometheus: { onTransportPort: true, port: 0 },
      attributes: {},
      environment: {},
      legacyAttributes: false,
    },
    { log: silent, version: '1', server: 'gate' },
  )
  const { witness, scrape } = telemetry
  served = await serve(memoryGateway(), {
    witnesses: witness === undefined ? [] : [witness],
    scrape,
    onSessionClosed: (session) => telemetry.sessionClosed(session),
  })
  telemetry.gauge({ backends: NO_BACKENDS, connections: () => served.front.connections })
  served.gateway.tool('fine', () => text('hi'))
  served.gateway.tool('fails', () => ({ ...text('no such city'), isError: true }))
  served.gateway.tool('refuses', () => {
    throw GatewayError.backend({ code: -32050, message: 'not today' })
  })
  served.gateway.tool('waits', ({ signal }) => {
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  })
})

afterEach(async () => {
  await served.close()
  await telemetry.close()
  await receiver.close()
})

const NO_BACKENDS = { all: [], watch: async function* () {} }

const call = async (name: string, more = {}) =>
  (await served.modern('tools/call', { name, arguments: {} }, more)).text()

async function spans() {
  await served.close()
  await telemetry.close()
  return receiver.spans
}

async function samples(name: string) {
  const reply = await fetch(new URL('/metrics', served.url))
  return parsePrometheusTextFormat(await reply.text()).find((family) => family.name === name)?.metrics ?? []
}

async function labels(name: string, wanted: readonly string[]) {
  const all = await samples(name)
  return all.map(({ value, labels: of }) => [value, ...wanted.map((label) => of?.[label])])
}

describe('a call', () => {
  test('that went well has no error', async () => {
    await call('fine', { id: 'a "name"' })
    const [span] = await spans()
    expect(span).toMatchObject({ name: 'tools/call fine', failed: false })
    expect(span?.attributes).toMatchObject({
      'jsonrpc.request.id': 'a "name"',
      'http.response.status_code': 200,
    })
    expect(span?.attributes).not.toHaveProperty('error.type')
    expect(span?.attributes).not.toHaveProperty('mcp.method')
  })

  test('whose result says that it is an error is a tool_error', async () => {
    await call('fails')
    expect(await labels('toolhive_mcp_tool_calls_total', ['tool', 'status'])).toEqual([
      ['1', 'fails', 'error'],
    ])
    expect((await spans())[0]).toMatchObject({ failed: true, attributes: { 'error.type': 'tool_error' } })
  })

  test('that is answered with an error has its code, which is a label where MCP knows it', async () => {
    await call('refuses')
    await call('nowhere')
    const wanted = ['mcp_resource_id', 'status', 'status_code']
    expect(await labels('toolhive_mcp_requests_total', wanted)).toEqual([
      ['1', 'refuses', 'error', '200'],
      ['1', undefined, 'error', '400'],
    ])
    const reply = await fetch(new URL('/metrics', served.url))
    expect(await reply.text()).toMatch(/operation_duration_seconds_count\{.*error_type="-32602".*\} 1/)
    const [refused, unknown] = await spans()
    expect(refused).toMatchObject({ name: 'tools/call refuses', message: 'not today' })
    expect(refused?.attributes).toMatchObject({
      'error.type': '-32050',
      'rpc.response.status_code': '-32050',
    })
    expect(unknown).toMatchObject({ name: 'tools/call', attributes: { 'error.type': '-32602' } })
  })

  test('that the client gave up is cancelled', async () => {
    const controller = new AbortController()
    const asked = call('waits', { signal: controller.signal })
    await new Promise((resolve) => setTimeout(resolve, 50))
    controller.abort()
    await expect(asked).rejects.toThrow()
    await expect
      .poll(() => labels('toolhive_mcp_requests_total', ['mcp_resource_id', 'status', 'status_code']))
      .toEqual([['1', 'waits', 'error', undefined]])
    expect((await spans())[0]).toMatchObject({ failed: true, attributes: { 'error.type': 'cancelled' } })
  })
})

describe('what is no call', () => {
  test('is counted by its method, or as one of others', async () => {
    const headers = await served.session()
    await served.post({ jsonrpc: '2.0', method: 'notifications/initialized' }, headers)
    await served.post({ jsonrpc: '2.0', id: 1, method: 'ping' }, headers)
    await served.post({ jsonrpc: '2.0', id: 2, method: `made/up` }, headers)
    await served.post({ jsonrpc: '2.0', id: 3, method: `made/up/too` }, headers)
    expect(await labels('toolhive_mcp_requests_total', ['mcp_method', 'status'])).toEqual([
      ['1', 'initialize', 'success'],
      ['1', 'notifications/initialized', 'success'],
      ['1', 'ping', 'success'],
      ['2', '_OTHER', 'error'],
    ])
    const names = (await spans()).map(({ name, attributes }) => [name, attributes['mcp.method.name']])
    expect(names).toContainEqual(['_OTHER', 'made/up/too'])
  })

  test('is counted where it was refused before it was a message, and is no span', async () => {
    await served.post('{', {})
    await fetch(served.url, { method: 'PUT' })
    expect(await labels('toolhive_mcp_requests_total', ['method', 'status', 'status_code'])).toEqual([
      ['1', 'POST', 'error', '400'],
      ['1', 'PUT', 'error', '405'],
    ])
    expect(await spans()).toEqual([])
  })
})

test('a session is open until it ends, and its length is noted then', async () => {
  const headers = await served.session()
  const open = () => labels('toolhive_mcp_active_connections', ['connection_type'])
  expect(await open()).toEqual([
    ['1', 'session'],
    ['0', 'sse'],
  ])
  await (await fetch(served.url, { method: 'DELETE', headers })).text()
  expect(await open()).toEqual([
    ['0', 'session'],
    ['0', 'sse'],
  ])
  expect(await samples('mcp_server_session_duration_seconds')).toHaveLength(1)
})
