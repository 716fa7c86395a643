import { readFile } from 'node:fs/promises'
import { rootCertificates } from 'node:tls'
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics'
import { GatewayError } from '../../core/errors.ts'
import type { OtlpConfig } from '../../core/telemetry-config.ts'
import type { SpanBatch, SpanExporter } from './traces/batches.ts'

/** Exporters of one protocol; those of the other are not loaded. */
export interface Exporters {
  spans(): Promise<SpanExporter>
  metrics(): Promise<PushMetricExporter>
}

/** Of one export, retries included. */
const TIMEOUT_MS = 10_000

/** @throws GatewayError `config` when the file of `caCertPath` cannot be read */
export async function exportersFor(otlp: OtlpConfig): Promise<Exporters> {
  const ca = otlp.caCertPath === undefined ? undefined : await readAuthorities(otlp.caCertPath)
  return otlp.protocol === 'grpc' ? overGrpc(otlp, ca) : overHttp(otlp, ca)
}

function overHttp({ url, headers }: OtlpConfig, ca: string | undefined): Exporters {
  const common = {
    headers: { ...headers },
    timeoutMillis: TIMEOUT_MS,
    httpAgentOptions: { keepAlive: true, ...(ca !== undefined && { ca: [...rootCertificates, ca] }) },
  }
  return {
    async spans() {
      const base = await import('@opentelemetry/otlp-exporter-base/node-http')
      const type = { 'Content-Type': 'application/x-protobuf' }
      const options = { ...common, url: `${url}/v1/traces` }
      return base.createOtlpHttpExportDelegate(
        base.convertLegacyHttpOptions(options, 'TRACES', 'v1/traces', type),
        await encodedSpans(),
        'otlp_http_span_exporter',
        COUNTED,
        undefined,
      )
    },
    async metrics() {
      const { OTLPMetricExporter } = await import('@opentelemetry/exporter-metrics-otlp-proto')
      return new OTLPMetricExporter({ ...common, url: `${url}/v1/metrics` })
    },
  }
}

async function overGrpc({ url, headers }: OtlpConfig, ca: string | undefined): Promise<Exporters> {
  const { credentials, Metadata } = await import('@grpc/grpc-js')
  const metadata = new Metadata()
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value)
  const roots = ca === undefined ? null : Buffer.from([...rootCertificates, ca].join('\n'))
  const secured = url.startsWith('https:') ? credentials.createSsl(roots) : credentials.createInsecure()
  const common = { url, metadata, credentials: secured, timeoutMillis: TIMEOUT_MS }
  return {
    async spans() {
      const base = await import('@opentelemetry/otlp-grpc-exporter-base')
      return base.createOtlpGrpcExportDelegate(
        base.convertLegacyOtlpGrpcOptions(common, 'TRACES'),
        await encodedSpans(),
        'otlp_grpc_span_exporter',
        COUNTED,
        undefined,
        'TraceExportService',
        '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
      )
    },
    async metrics() {
      const { OTLPMetricExporter } = await import('@opentelemetry/exporter-metrics-otlp-grpc')
      return new OTLPMetricExporter(common)
    },
  }
}

const COUNTED = { name: 'span', countItems: ({ spans }: SpanBatch) => spans } as const

/** Batches of spans are encoded already; what is answered is not. */
async function encodedSpans() {
  const { ProtobufTraceSerializer } = await import('@opentelemetry/otlp-transformer')
  return {
    serializeRequest: ({ bytes }: SpanBatch) => bytes,
    deserializeResponse: ProtobufTraceSerializer.deserializeResponse,
  }
}

async function readAuthorities(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const message = `telemetry.caCertPath: cannot read ${path} (${cause.code ?? cause.message})`
    throw new GatewayError('config', message, { cause })
  })
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text
  throw new GatewayError('config', `telemetry.caCertPath: ${path} holds no certificate in PEM`)
}
