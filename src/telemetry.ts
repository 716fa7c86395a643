import type { Running } from './compose.ts'
import type { GatewayConfig } from './core/config.ts'
import { GatewayError } from './core/errors.ts'
import type { Log } from './core/log.ts'
import type { Telemetry } from './core/telemetry.ts'
import { VERSION } from './version.ts'

/**
 * What a configuration wants to be traced and counted, for `createGateway`; `undefined` where it wants nothing.
 * @throws GatewayError `config` when a file that it names cannot be read
 */
export async function openTelemetry(config: GatewayConfig, log: Log): Promise<Telemetry | undefined> {
  if (config.telemetry === undefined) return undefined
  const { openTelemetry: open } = await import('./observe/telemetry/index.ts')
  return open(config.telemetry, { log, version: VERSION, server: config.name })
}

export interface MetricsPort {
  readonly url: string
  close(): Promise<void>
}

/**
 * Offers `/metrics` at the port of its own, where there is to be one.
 * @throws GatewayError `config` when the port cannot be had, and `/metrics` is offered nowhere else
 */
export async function openMetricsPort(
  { telemetry }: Running,
  { log, elsewhere }: { readonly log: Log; readonly elsewhere: boolean },
): Promise<MetricsPort | undefined> {
  const { scrape, config } = telemetry ?? {}
  const { port = 0, onTransportPort = false } = config?.prometheus ?? {}
  if (scrape === undefined || port === 0) return undefined
  const { openMetricsPort: open } = await import('./front/http/metrics.ts')
  try {
    const opened = await open({ port, scrape, log })
    log.info({ url: opened.url }, 'metrics are offered')
    return opened
  } catch (error) {
    const { message } = GatewayError.from(error)
    const why = `telemetry.prometheusPort: ${message}; or set it to 0`
    if (!elsewhere || !onTransportPort) throw new GatewayError('config', why, { cause: error })
    log.warn({}, `${why}. /metrics is offered on the main port alone`)
    return undefined
  }
}
