import type { GatewayConfig } from '../core/config.ts'
import type { Log } from '../core/log.ts'
import { type Backend, type Backends, isMissing } from '../core/ports.ts'

export interface Reported {
  readonly config: GatewayConfig
  readonly backends: Backends
}

/**
 * Sums up in the log how the backends do, at most once per interval and only after something has changed, until
 * the backends are closed.
 */
export async function reportHealth(of: Reported, log: Log): Promise<void> {
  const closing = new AbortController()
  let said = summaryOf(of.backends.all)
  let timer: NodeJS.Timeout | undefined
  const report = () => {
    timer = undefined
    const { all } = of.backends
    const summary = summaryOf(all)
    if (summary === said) return
    said = summary
    log.info({ missing: all.filter(isMissing).map(({ name }) => name) }, `health: ${summary}`)
  }
  for await (const _ of of.backends.watch(closing.signal)) {
    const { healthReportMs } = of.config
    if (healthReportMs !== undefined) timer ??= setTimeout(report, healthReportMs).unref()
  }
  clearTimeout(timer)
}

function summaryOf(backends: readonly Backend[]): string {
  return backends.map(({ name, health }) => `${name} ${health.status}${breakerOf(health.breaker)}`).join(', ')
}

function breakerOf(breaker: Backend['health']['breaker']): string {
  return breaker === undefined || breaker.status === 'closed' ? '' : ` (breaker ${breaker.status})`
}
