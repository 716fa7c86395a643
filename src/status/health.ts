import { DEFAULT_RESILIENCE, type GatewayConfig } from '../core/config.ts'
import { type Backend, type Backends, type HealthStatus, lastReady } from '../core/ports.ts'
import { time } from './detail.ts'

/** What is told of. */
interface Served {
  readonly config: GatewayConfig
  readonly backends: Pick<Backends, 'all'>
}

/** The body of `/api/backends/health`, in the words that its readers know from elsewhere. */
export function healthOf({ config, backends: { all } }: Served): object {
  const count = (status: HealthStatus) => all.filter(({ health }) => health.status === status).length
  return {
    monitoring_enabled: config.backends.some(
      ({ resilience = DEFAULT_RESILIENCE }) => resilience.health !== undefined,
    ),
    summary: {
      Total: all.length,
      Healthy: count('healthy'),
      Degraded: count('degraded'),
      Unhealthy: count('unhealthy'),
      Unknown: count('unknown'),
      Unauthenticated: count('unauthenticated'),
    },
    backends: Object.fromEntries(all.map((backend) => [backend.name, entryOf(backend)])),
  }
}

const CIRCUIT = { closed: 'closed', open: 'open', half_open: 'half-open' } as const

function entryOf({ state, health }: Backend): object {
  const { breaker } = health
  return {
    Status: health.status,
    ConsecutiveFailures: health.failures,
    LastCheckTime: time(health.checkedAt),
    LastErrorCategory: health.error?.code ?? '',
    LastTransitionTime: time(health.changedAt),
    CircuitState: breaker === undefined ? '' : CIRCUIT[breaker.status],
    CircuitLastChanged: breaker === undefined ? null : time(breaker.since),
    MCPRevision: lastReady(state)?.server.version ?? '',
  }
}
