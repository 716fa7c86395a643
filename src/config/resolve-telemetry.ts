import type { OtlpConfig, TelemetryConfig } from '../core/telemetry-config.ts'
import { readEndpoint } from './otlp.ts'
import type { ConfigInput } from './schema/root.ts'

type Input = NonNullable<ConfigInput['telemetry']>

/** `undefined` where nothing of it is turned on. */
export function toTelemetry(
  { name, telemetry }: ConfigInput,
  env: Readonly<Record<string, string | undefined>>,
): TelemetryConfig | undefined {
  if (telemetry === undefined) return undefined
  const otlp = toOtlp(telemetry)
  const traces = otlp && telemetry.tracingEnabled ? { samplingRate: telemetry.samplingRate } : undefined
  const metrics = otlp !== undefined && telemetry.metricsEnabled
  const prometheus = telemetry.enablePrometheusMetricsPath
    ? { onTransportPort: telemetry.metricsOnTransportPort, port: telemetry.prometheusPort }
    : undefined
  if (traces === undefined && !metrics && prometheus === undefined) return undefined
  return {
    serviceName: telemetry.serviceName ?? name,
    serviceVersion: telemetry.serviceVersion,
    otlp,
    traces,
    metrics,
    prometheus,
    attributes: telemetry.customAttributes ?? {},
    environment: picked(telemetry.environmentVariables ?? [], env),
    legacyAttributes: telemetry.useLegacyAttributes,
  }
}

function toOtlp({ endpoint, protocol, insecure, headers = {}, caCertPath }: Input): OtlpConfig | undefined {
  const read = endpoint === undefined ? undefined : readEndpoint({ endpoint, protocol, insecure })
  if (read === undefined || !read.ok) return undefined
  return { protocol: read.protocol, url: read.url, headers, caCertPath }
}

function picked(
  names: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const values = names.map((name) => [name, env[name]] as const)
  return Object.fromEntries(values.filter((pair): pair is [string, string] => pair[1] !== undefined))
}
