import type { GatewayConfig } from '../core/config.ts'
import { GatewayError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Part, Prepared } from '../core/part.ts'
import type { MetricsPort } from '../front/http/metrics.ts'
import type { Running } from '../running.ts'

interface MetricsOptions {
  readonly log: Log
  /** Whether they can be had at the main port too. */
  readonly elsewhere: boolean
}

/** Offers `/metrics` at a port of its own as long as the configuration wants that. */
export class MetricsDoor implements Part {
  readonly #running: Pick<Running, 'telemetry' | 'parts'>
  readonly #options: MetricsOptions
  #open: MetricsPort | undefined
  /** That is wanted; 0 is none. */
  #port = 0

  private constructor(running: Pick<Running, 'telemetry' | 'parts'>, options: MetricsOptions) {
    this.#running = running
    this.#options = options
  }

  /** @throws GatewayError `config` when the port cannot be had, and `/metrics` is offered nowhere else */
  static open(running: Running, options: MetricsOptions): Promise<MetricsDoor> {
    return running.join(async (config) => {
      const door = new MetricsDoor(running, options)
      const prepared = await door.prepare(config)
      prepared?.commit()
      return door
    })
  }

  get url(): string | undefined {
    return this.#open?.url
  }

  /** @throws GatewayError `config` when the port cannot be had, and `/metrics` is offered nowhere else */
  async prepare({ telemetry }: GatewayConfig): Promise<Prepared | undefined> {
    const { port = 0, onTransportPort = false } = telemetry?.prometheus ?? {}
    if (port === this.#port) return undefined
    const next = port === 0 ? undefined : await this.#listen(port, onTransportPort)
    return {
      commit: () => {
        const before = this.#open
        this.#open = next
        this.#port = port
        if (next !== undefined) this.#options.log.info({ url: next.url }, 'metrics are offered')
        void before?.close()
      },
      discard: async () => next?.close(),
    }
  }

  async close(): Promise<void> {
    this.#running.parts.delete(this)
    await this.#open?.close()
  }

  async #listen(port: number, onTransportPort: boolean): Promise<MetricsPort | undefined> {
    const { log, elsewhere } = this.#options
    const { openMetricsPort } = await import('../front/http/metrics.ts')
    try {
      return await openMetricsPort({ port, scrape: () => this.#running.telemetry?.scrape, log })
    } catch (error) {
      const { message } = GatewayError.from(error)
      const why = `telemetry.prometheusPort: ${message}; or set it to 0`
      if (!elsewhere || !onTransportPort) throw new GatewayError('config', why, { cause: error })
      log.warn({}, `${why}. /metrics is offered on the main port alone`)
      return undefined
    }
  }
}
