import type { Log } from './core/log.ts'
import { type Backend, type Backends, isMissing } from './core/ports.ts'

export interface HealthReportOptions {
  readonly backends: Backends
  readonly log: Log
  readonly everyMs: number
  readonly signal: AbortSignal
}

/** Sums up in the log how the backends do, at most once per interval and only after something has changed. */
export async function reportHealth({ backends, log, everyMs, signal }: HealthReportOptions): Promise<void> {
  let said = summaryOf(backends.all)
  let timer: NodeJS.Timeout | undefined
  const report = () => {
    timer = undefined
    const summary = summaryOf(backends.all)
    if (summary === said) return
    said = summary
    log.info({ missing: backends.all.filter(isMissing).map(({ name }) => name) }, `health: ${summary}`)
  }
  for await (const _ of backends.watch(signal)) timer ??= setTimeout(report, everyMs).unref()
  clearTimeout(timer)
}

function summaryOf(backends: readonly Backend[]): string {
  return backends.map(({ name, health }) => `${name} ${health.status}${breakerOf(health.breaker)}`).join(', ')
}

function breakerOf(breaker: Backend['health']['breaker']): string {
  return breaker === undefined || breaker.status === 'closed' ? '' : ` (breaker ${breaker.status})`
}
