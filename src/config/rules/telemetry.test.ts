import { describe, expect, test } from 'vitest'
import type { GatewayConfig } from '../../core/config.ts'
import { errorsOf, MINIMAL, parse, warningsOf } from '../testing.ts'

const block = (text: string) => `telemetry: {${text}}\n`

function telemetryOf(text: string, env: Record<string, string> = {}): GatewayConfig['telemetry'] {
  const result = parse(MINIMAL + block(text), env)
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics))
  return result.config.telemetry
}

describe('an endpoint', () => {
  const TRACES = 'tracingEnabled: true'

  test.each([
    ['localhost:4318, insecure: true', 'http/protobuf', 'http://localhost:4318'],
    ['localhost:4317, insecure: true', 'grpc', 'http://localhost:4317'],
    ['"collector:4317"', 'grpc', 'https://collector:4317'],
    ['api.honeycomb.io', 'http/protobuf', 'https://api.honeycomb.io'],
    ['"http://localhost:4318"', 'http/protobuf', 'http://localhost:4318'],
    ['"https://otlp.example.com/otlp/"', 'http/protobuf', 'https://otlp.example.com/otlp'],
    ['otlp.example.com/base, insecure: true', 'http/protobuf', 'http://otlp.example.com/base'],
    ['"http://[::1]:4317"', 'grpc', 'http://[::1]:4317'],
    ['"localhost:4317", protocol: http/protobuf', 'http/protobuf', 'https://localhost:4317'],
    ['"localhost:9000", protocol: grpc', 'grpc', 'https://localhost:9000'],
  ])('%s is spoken to in %s at %s', (endpoint, protocol, url) => {
    expect(telemetryOf(`endpoint: ${endpoint}, ${TRACES}`)?.otlp).toEqual({
      ...{ protocol, url, headers: {}, caCertPath: undefined },
    })
  })

  test.each([
    [
      'endpoint: "localhost:4318"',
      'nothing is sent to it: neither tracingEnabled nor metricsEnabled is true',
    ],
    [`endpoint: "ftp://x", ${TRACES}`, 'ftp:// is not spoken'],
    [`endpoint: "local host", ${TRACES}`, 'is no address'],
    [`endpoint: "x:99999", ${TRACES}`, 'is no address'],
    [`endpoint: "https://u:p@x", ${TRACES}`, 'may not hold credentials, a query or a fragment'],
    [`endpoint: "x:4318/?key=1", ${TRACES}`, 'may not hold credentials, a query or a fragment'],
    [`endpoint: "https://x", insecure: true, ${TRACES}`, 'https:// and insecure: true contradict each other'],
    [`endpoint: "x/v1", protocol: grpc, ${TRACES}`, 'the path /v1 is of no use with grpc'],
  ])('in %s is refused: %s', (text, problem) => {
    expect(errorsOf(block(text))).toEqual([`telemetry.endpoint: ${problem}`])
  })

  test('is refused at its line and column', () => {
    const { diagnostics } = parse(`${MINIMAL}telemetry:\n  tracingEnabled: true\n  endpoint: ftp://x\n`)
    expect(diagnostics).toMatchObject([{ severity: 'error', line: 13, column: 13 }])
  })
})

describe('the block', () => {
  test('says what is exported, and of which service', () => {
    const text = `endpoint: "c:4318", metricsEnabled: true, tracingEnabled: true, samplingRate: "0.5",
      headers: {X-Key: k}, caCertPath: /ca.pem, serviceName: s, serviceVersion: v, customAttributes: {a: b},
      environmentVariables: [STAGE, GONE], useLegacyAttributes: false,
      enablePrometheusMetricsPath: true, prometheusPort: 0`
    expect(telemetryOf(text, { STAGE: 'test', OTHER: 'x' })).toEqual({
      serviceName: 's',
      serviceVersion: 'v',
      otlp: {
        protocol: 'http/protobuf',
        url: 'https://c:4318',
        headers: { 'X-Key': 'k' },
        caCertPath: '/ca.pem',
      },
      traces: { samplingRate: 0.5 },
      metrics: true,
      prometheus: { onTransportPort: true, port: 0 },
      attributes: { a: 'b' },
      environment: { STAGE: 'test' },
      legacyAttributes: false,
    })
  })

  test('leaves a service the name of the server, Prometheus its port, and one request of 20 its trace', () => {
    expect(telemetryOf('enablePrometheusMetricsPath: true')).toMatchObject({
      serviceName: 'demo',
      prometheus: { onTransportPort: true, port: 9464 },
      legacyAttributes: true,
    })
    expect(telemetryOf('endpoint: "c:4318", tracingEnabled: true')?.traces).toEqual({ samplingRate: 0.05 })
  })

  test('that turns nothing on is telemetry that is off, and worth a word', () => {
    expect(telemetryOf('serviceName: x')).toBeUndefined()
    expect(warningsOf(block('serviceName: x'))).toEqual(['telemetry: turns nothing on'])
  })

  test.each([
    ['tracingEnabled: true', ['telemetry.tracingEnabled: has no effect without an endpoint']],
    [
      'enablePrometheusMetricsPath: true, headers: {a: b}, insecure: true',
      [
        'telemetry.headers: has no effect without an endpoint',
        'telemetry.insecure: has no effect without an endpoint',
      ],
    ],
    [
      'endpoint: "http://c:4318", metricsEnabled: true, caCertPath: /ca.pem, prometheusPort: 9000',
      [
        'telemetry.caCertPath: has no effect: the endpoint is not spoken to in TLS',
        'telemetry.prometheusPort: has no effect unless enablePrometheusMetricsPath is true',
      ],
    ],
    [
      'enablePrometheusMetricsPath: true, environmentVariables: [GONE]',
      [
        'telemetry.environmentVariables[0]: the environment variable GONE is not set, so that spans do not have it',
      ],
    ],
  ])('is warned of in %s', (text, warnings) => {
    expect(errorsOf(block(text))).toEqual([])
    expect(warningsOf(block(text))).toEqual(warnings)
  })

  test.each([
    [
      'enablePrometheusMetricsPath: true, metricsOnTransportPort: false, prometheusPort: 0',
      'telemetry.prometheusPort: leaves no port that offers /metrics',
    ],
    [
      'enablePrometheusMetricsPath: true, environmentVariables: ["A-B"]',
      'telemetry.environmentVariables[0]: expected the name of an environment variable',
    ],
    [
      'endpoint: "c:4318", metricsEnabled: true, headers: {"a b": c}',
      'telemetry.headers["a b"]: not a possible name: expected the name of an HTTP header',
    ],
  ])('is refused in %s', (text, error) => {
    expect(errorsOf(block(text))).toEqual([error])
  })
})
