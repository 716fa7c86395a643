import type { OtlpProtocol } from '../core/telemetry-config.ts'

/** Where telemetry is sent, as it is written in a configuration. */
export interface WrittenEndpoint {
  /** `host:port`, or a URL with http or https. */
  readonly endpoint: string
  readonly protocol?: OtlpProtocol | undefined
  readonly insecure: boolean
}

export type Endpoint =
  | { readonly ok: true; readonly protocol: OtlpProtocol; readonly url: string }
  | { readonly ok: false; readonly problem: string; readonly hint?: string }

/** The port of OTLP over gRPC (OTLP specification, OTLP/gRPC default port). */
const GRPC_PORT = '4317'
const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i

/** Works out the protocol where it is not given, from the port; and whether to encrypt where the scheme does not say. */
export function readEndpoint({ endpoint, protocol, insecure }: WrittenEndpoint): Endpoint {
  const scheme = SCHEME.exec(endpoint)?.[1]?.toLowerCase()
  if (scheme !== undefined && scheme !== 'http' && scheme !== 'https')
    return { ok: false, problem: `${scheme}:// is not spoken`, hint: 'write host:port, http:// or https://' }
  const text = scheme === undefined ? `${insecure ? 'http' : 'https'}://${endpoint}` : endpoint
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || url.hostname === '')
    return { ok: false, problem: 'is no address', hint: 'write host:port, such as localhost:4318' }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    return { ok: false, problem: 'may not hold credentials, a query or a fragment', hint: 'use headers' }
  if (scheme === 'https' && insecure)
    return { ok: false, problem: 'https:// and insecure: true contradict each other', hint: 'remove one' }
  const path = url.pathname.replace(/\/+$/, '')
  const spoken = protocol ?? (url.port === GRPC_PORT && path === '' ? 'grpc' : 'http/protobuf')
  if (spoken === 'grpc' && path !== '')
    return { ok: false, problem: `the path ${path} is of no use with grpc`, hint: 'write host:port' }
  return { ok: true, protocol: spoken, url: `${url.origin}${path}` }
}
