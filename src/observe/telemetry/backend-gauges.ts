import type { Era } from '../../core/caller.ts'
import type { Meter, Reading } from '../../core/meter.ts'
import type { Backend, Backends } from '../../core/ports.ts'

type Some = Pick<Backends, 'all' | 'watch'>

/** How backends do, read when it is collected, until the signal fires. */
export function gaugeBackends(backends: Some, meter: Meter, signal: AbortSignal): void {
  const each = (read: (backend: Backend) => number) => () =>
    backends.all.map((backend) => reading(backend, read(backend)))
  meter.gauge({ name: 'toolhive_vmcp_backends_discovered', description: 'Backends of this server.' }, () => [
    { value: backends.all.length, attributes: {} },
  ])
  meter.gauge(
    { name: 'toolhive_vmcp_backend_connections', description: 'Connections that are open to a backend.' },
    each(({ connections }) => connections),
  )
  meter.gauge(
    { name: 'toolhive_vmcp_backend_active_calls', description: 'Calls of a backend that are in progress.' },
    each(({ running }) => running),
  )
  meter.gauge(
    { name: 'toolhive_vmcp_backend_queued_calls', description: 'Calls that wait for a place at a backend.' },
    each(({ queued }) => queued),
  )
  meter.total(
    { name: 'toolhive_vmcp_backend_late_replies', description: 'Answers for which nobody waited any more.' },
    each(({ lateReplies }) => lateReplies),
  )
  gaugeHealth(backends, meter)
  void countReclassifications(backends, meter, signal)
}

const HEALTH = ['healthy', 'degraded', 'unhealthy', 'unauthenticated', 'unknown'] as const
const CIRCUIT = ['closed', 'open', 'half_open'] as const

function gaugeHealth(backends: Some, meter: Meter): void {
  const health = { name: 'toolhive_vmcp_backend_health', description: '1 for the health that a backend has.' }
  meter.gauge(health, () =>
    backends.all.flatMap((backend) =>
      HEALTH.map((status) => reading(backend, Number(backend.health.status === status), { status })),
    ),
  )
  const circuit = {
    name: 'toolhive_vmcp_backend_circuit_state',
    description: '1 for the state that the circuit breaker of a backend has.',
  }
  const broken = () =>
    backends.all.flatMap((backend) => (backend.health.breaker === undefined ? [] : [backend]))
  meter.gauge(circuit, () =>
    broken().flatMap((backend) =>
      CIRCUIT.map((state) => reading(backend, Number(backend.health.breaker?.status === state), { state })),
    ),
  )
  const opened = {
    name: 'toolhive_vmcp_backend_circuit_opened',
    description: 'How often the circuit breaker of a backend has opened.',
  }
  meter.total(opened, () => broken().map((backend) => reading(backend, backend.health.breaker?.opened ?? 0)))
}

/** How often a backend turns out to speak another era than before. */
async function countReclassifications(backends: Some, meter: Meter, signal: AbortSignal): Promise<void> {
  const series = meter.counter({
    name: 'toolhive_vmcp_backend_revision_reclassifications',
    description: 'How often a backend was found to speak another protocol era than before.',
  })
  const eras = new Map<string, Era>()
  for await (const name of backends.watch(signal)) {
    const state = backends.all.find((backend) => backend.name === name)?.state
    if (state?.status !== 'ready') continue
    const { era } = state.server
    const before = eras.get(name) ?? era
    if (before !== era) series({ 'target.workload_name': name, from: before, to: era })(1)
    eras.set(name, era)
  }
}

function reading({ name }: Backend, value: number, more: object = {}): Reading {
  return { value, attributes: { 'target.workload_name': name, ...more } }
}
