import type { BackendConfig } from '../../core/config.ts'
import type { Backend } from '../../core/ports.ts'
import type { Attributes } from '../../core/trace.ts'
import { network } from './network.ts'

/** What is said of a backend, whatever is asked of it. */
export interface Target {
  /** Its name, its transport, and its address where it has one. */
  readonly attributes: Attributes
  /** The same as far as the conventions of OpenTelemetry go. */
  readonly network: Attributes
}

export function targetFor(
  { name, transport }: Pick<Backend, 'name' | 'transport'>,
  config?: BackendConfig,
): Target {
  const url = config === undefined || config.transport === 'stdio' ? undefined : new URL(config.url)
  return {
    attributes: {
      'target.workload_id': name,
      'target.workload_name': name,
      // Without credentials and the query, which may hold secrets.
      'target.base_url': url && `${url.origin}${url.pathname}`,
      'target.transport_type': transport,
    },
    network: {
      ...network(transport),
      'server.address': url?.hostname,
      'server.port': url && portOf(url),
    },
  }
}

function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)
}
