import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { type Identity, Receiver } from '../../../test/fixtures/otlp/receiver.ts'
import { silent } from '../../core/log.ts'
import type { OtlpProtocol, TelemetryConfig } from '../../core/telemetry-config.ts'
import { openOutlets } from './outlets.ts'

const PEM = fileURLToPath(new URL('../../backends/testing/tls/cert.pem', import.meta.url))
const KEY = fileURLToPath(new URL('../../backends/testing/tls/key.pem', import.meta.url))
const IDENTITY: Identity = { cert: readFileSync(PEM), key: readFileSync(KEY) }

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function receive(protocol: OtlpProtocol, identity?: Identity): Promise<Receiver> {
  const receiver = protocol === 'grpc' ? await Receiver.grpc(identity) : await Receiver.http(identity)
  closers.push(() => receiver.close())
  return receiver
}

function config(otlp: TelemetryConfig['otlp'], more: Partial<TelemetryConfig> = {}): TelemetryConfig {
  return {
    serviceName: 'gate',
    serviceVersion: undefined,
    otlp,
    traces: { samplingRate: 1 },
    metrics: true,
    prometheus: undefined,
    attributes: { region: 'north' },
    environment: { STAGE: 'test' },
    legacyAttributes: true,
    ...more,
  }
}

const open = (given: TelemetryConfig, log = silent) => openOutlets(given, { log, version: '1.2.3' })

describe.each<OtlpProtocol>(['http/protobuf', 'grpc'])('OTLP over %s', (protocol) => {
  test('brings spans and metrics to a collector, with its headers and what the service is', async () => {
    const receiver = await receive(protocol)
    const url = `http://${receiver.address}`
    const telemetry = await open(config({ protocol, url, headers: { 'x-key': 'k' }, caCertPath: undefined }))
    const span = telemetry.tracer?.begin({ name: 'tools/call x', kind: 'server', parent: undefined })
    span?.set({ 'mcp.method.name': 'tools/call', n: 3 })
    span?.end({ type: 'tool_error', message: 'so it goes' })
    telemetry.meter?.counter({ name: 'calls', description: 'd' })({ tool: 'x', none: undefined })(2)
    telemetry.meter?.timing({ name: 'took', description: 'd' })({ tool: 'x' })(0.5)
    telemetry.meter?.gauge({ name: 'open', description: 'd' }, () => [{ value: 7, attributes: {} }])
    await telemetry.close()
    expect(receiver.spans).toEqual([
      {
        ...{ traceId: span?.context.traceId, spanId: span?.context.spanId, parentSpanId: '', traceState: '' },
        ...{ name: 'tools/call x', kind: 2, links: [], failed: true, message: 'so it goes' },
        attributes: {
          'environment.STAGE': 'test',
          'mcp.method.name': 'tools/call',
          'mcp.method': 'tools/call',
          n: 3,
          'error.type': 'tool_error',
        },
      },
    ])
    expect(receiver.metric('calls')).toEqual({
      ...{ name: 'calls', unit: '', type: 'sum', points: [{ attributes: { tool: 'x' }, value: 2 }] },
    })
    expect(receiver.metric('took')).toMatchObject({ unit: 's', type: 'histogram', points: [{ value: 1 }] })
    expect(receiver.metric('open')).toMatchObject({ type: 'gauge', points: [{ value: 7 }] })
    for (const { resource, headers } of receiver.received) {
      expect(headers).toMatchObject({ 'x-key': 'k' })
      expect(resource).toMatchObject({ 'service.name': 'gate', 'service.version': '1.2.3', region: 'north' })
    }
  })

  test('is spoken in TLS with a certificate authority of one’s own, and not without it', async () => {
    const receiver = await receive(protocol, IDENTITY)
    const otlp = { protocol, url: `https://${receiver.address}`, headers: {}, caCertPath: PEM }
    const telemetry = await open(config(otlp))
    telemetry.tracer?.begin({ name: 'a', kind: 'server', parent: undefined }).end()
    await telemetry.close()
    expect(receiver.spans.map(({ name }) => name)).toEqual(['a'])
    const distrustful = await open(config({ ...otlp, caCertPath: undefined }))
    distrustful.tracer?.begin({ name: 'b', kind: 'server', parent: undefined }).end()
    await distrustful.close()
    expect(receiver.spans.map(({ name }) => name)).toEqual(['a'])
  })

  test('that fails is told once, holds nobody up and does not hold up the end', async () => {
    const receiver = await receive(protocol)
    receiver.refuses = true
    const said: string[] = []
    const log = { ...silent, warn: (_: object, message: string) => void said.push(message) }
    const url = `http://${receiver.address}`
    const telemetry = await open(config({ protocol, url, headers: {}, caCertPath: undefined }), log)
    for (let i = 0; i < 1500; i++)
      telemetry.tracer?.begin({ name: 'a', kind: 'server', parent: undefined }).end()
    const began = performance.now()
    await telemetry.close()
    expect(performance.now() - began).toBeLessThan(4_000)
    expect(said.filter((it) => it.startsWith('traces cannot be sent'))).toHaveLength(1)
  })
})

test('nobody at the endpoint holds up the end for a few seconds at most', async () => {
  const receiver = await Receiver.http()
  await receiver.close()
  const otlp = {
    protocol: 'http/protobuf',
    url: `http://${receiver.address}`,
    headers: {},
    caCertPath: undefined,
  } as const
  const telemetry = await open(config(otlp))
  telemetry.tracer?.begin({ name: 'a', kind: 'server', parent: undefined }).end()
  const began = performance.now()
  await telemetry.close()
  expect(performance.now() - began).toBeLessThan(4_000)
})

describe('a file of certificate authorities', () => {
  const otlp = { protocol: 'grpc', url: 'https://127.0.0.1:1', headers: {} } as const

  test('that is not there is named', async () => {
    const opened = open(config({ ...otlp, caCertPath: '/nowhere.pem' }))
    await expect(opened).rejects.toMatchObject({
      code: 'config',
      message: 'telemetry.caCertPath: cannot read /nowhere.pem (ENOENT)',
    })
  })

  test('that holds none is named', async () => {
    const opened = open(config({ ...otlp, caCertPath: KEY }))
    await expect(opened).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining('no certificate'),
    })
  })
})

describe('a trace', () => {
  const PARENT = '4bf92f3577b34da6a3ce929d0e0e4736'

  async function tracer(samplingRate: number) {
    const receiver = await receive('http/protobuf')
    const url = `http://${receiver.address}`
    const otlp = { protocol: 'http/protobuf', url, headers: {}, caCertPath: undefined } as const
    const telemetry = await open(
      config(otlp, { traces: { samplingRate }, metrics: false, legacyAttributes: false }),
    )
    if (telemetry.tracer === undefined) throw new Error('no tracer')
    return { tracer: telemetry.tracer, receiver, close: () => telemetry.close() }
  }

  test('of a peer goes on as the peer has decided, whatever share is recorded here', async () => {
    const { tracer: never, receiver, close } = await tracer(0)
    const recorded = never.read(`00-${PARENT}-00f067aa0ba902b7-01`, 'a=b')
    const child = never.begin({ name: 'child', kind: 'client', parent: recorded })
    child.end()
    expect(child.context).toMatchObject({ traceId: PARENT, sampled: true, state: 'a=b' })
    const unrecorded = never.read(`00-${PARENT}-00f067aa0ba902b7-00`, undefined)
    const none = never.begin({ name: 'none', kind: 'client', parent: unrecorded })
    none.set({ a: 1 })
    none.end()
    expect(none.context).toEqual(unrecorded)
    await close()
    expect(receiver.spans).toMatchObject([
      { name: 'child', traceId: PARENT, parentSpanId: '00f067aa0ba902b7', traceState: 'a=b', kind: 3 },
    ])
  })

  test('that begins here is recorded as often as the sampling rate says', async () => {
    const { tracer: some, receiver, close } = await tracer(0.25)
    const spans = Array.from({ length: 400 }, () =>
      some.begin({ name: 'root', kind: 'server', parent: undefined }),
    )
    for (const span of spans) span.end()
    await close()
    const sampled = spans.filter(({ context }) => context.sampled)
    expect(sampled.length).toBeGreaterThan(50)
    expect(sampled.length).toBeLessThan(150)
    expect(receiver.spans.map(({ traceId }) => traceId).sort()).toEqual(
      sampled.map(({ context }) => context.traceId).sort(),
    )
    expect(new Set(sampled.map(({ context }) => context.traceId)).size).toBe(sampled.length)
  })

  test('is not read from what is malformed', async () => {
    const { tracer: any, close } = await tracer(1)
    for (const text of [
      '',
      'x',
      `00-${PARENT}-00`,
      `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
      `ff-${PARENT}-00f067aa0ba902b7-01`,
    ])
      expect(any.read(text, undefined), text).toBeUndefined()
    expect(any.read(`00-${PARENT}-00f067aa0ba902b7-01`, 'bad\r\nheader: x')?.state).toBeUndefined()
    await close()
  })
})
