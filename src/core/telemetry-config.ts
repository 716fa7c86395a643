/** Traces and metrics, and where they go. */
export interface TelemetryConfig {
  readonly serviceName: string
  /** Of this program, where it is not given. */
  readonly serviceVersion: string | undefined
  /** Where traces and metrics are sent; nowhere when absent. */
  readonly otlp: OtlpConfig | undefined
  /** Traces are sent to `otlp`, of this share of the requests that begin one: 0 to 1. */
  readonly traces: { readonly samplingRate: number } | undefined
  /** Whether metrics are sent to `otlp`. */
  readonly metrics: boolean
  /** Where `/metrics` is offered, if it is. */
  readonly prometheus: PrometheusConfig | undefined
  /** Of everything that is exported. */
  readonly attributes: Readonly<Record<string, string>>
  /** Values of environment variables, which spans have as `environment.NAME`. */
  readonly environment: Readonly<Record<string, string>>
  /** Spans have the older names of attributes beside today's. */
  readonly legacyAttributes: boolean
}

export interface OtlpConfig {
  readonly protocol: OtlpProtocol
  /** http or https; with a path, which `/v1/traces` and `/v1/metrics` are put behind, for `http/protobuf`. */
  readonly url: string
  /** Sent with every export. They may be secrets. */
  readonly headers: Readonly<Record<string, string>>
  /** PEM file with further certificate authorities. */
  readonly caCertPath: string | undefined
}

export type OtlpProtocol = 'grpc' | 'http/protobuf'

export interface PrometheusConfig {
  readonly onTransportPort: boolean
  /** A port of its own on the loopback interface; none when 0. */
  readonly port: number
}
