import { isDeepStrictEqual } from 'node:util'
import type { BackendChanges, LiveBackends, NextBackends } from './backends/index.ts'
import { conflictError } from './catalog/index.ts'
import type { GatewayConfig } from './core/config.ts'
import { GatewayError } from './core/errors.ts'
import type { Layer } from './core/gateway.ts'
import type { Log } from './core/log.ts'
import type { Telemetry } from './core/telemetry.ts'
import { type Generation, stack } from './generation.ts'
import { Switch } from './live/switch.ts'
import { settled } from './settled.ts'

/** What a change of the configuration has come to. */
export interface Applied {
  /** Of the configuration that is served now; the same as before where nothing is different. */
  readonly generation: number
  readonly backends: BackendChanges
  /** The other parts of the configuration that are different. */
  readonly changed: readonly string[]
  /** Those that take effect when the program is started anew. */
  readonly restart: readonly string[]
}

export interface LiveGatewayOptions {
  readonly config: GatewayConfig
  readonly backends: LiveBackends
  readonly layersOf: (config: GatewayConfig) => readonly Layer[]
  readonly telemetry: Telemetry | undefined
  readonly log: Log
}

type Key = keyof GatewayConfig

/** What clients were told, or what was opened, before any of them came. */
const AT_START: readonly Key[] = [
  ...([
    'name',
    'audit',
    'requestIdHeader',
    'telemetry',
    'incomingAuth',
    'tokenCache',
    'workflowRuns',
  ] as const),
]
const NO_CHANGES: BackendChanges = { added: [], removed: [], replaced: [] }
/** How long new backends may take to answer before a configuration is served without them. */
const CONNECT_MS = 5_000

/** A gateway whose configuration can be replaced by another while it serves. */
export class LiveGateway {
  readonly gateway: Switch
  readonly #options: LiveGatewayOptions
  readonly #closing = new AbortController()
  #current: Generation
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: LiveGatewayOptions) {
    this.#options = options
    this.#current = this.#stack(1, options.config, options.backends)
    this.gateway = new Switch(this.#current.gateway)
  }

  get current(): Generation {
    return this.#current
  }

  /** What is served in another way than it is configured, until the program is started anew. */
  get restart(): readonly string[] {
    return AT_START.filter((key) => !isDeepStrictEqual(this.#options.config[key], this.#current.config[key]))
  }

  /**
   * Serves another configuration: wholly, or, where it throws, not at all. Changes come one after the other.
   * @throws GatewayError `conflict` where its backends turn out to offer names that it leaves undecided; `unavailable`
   */
  apply(config: GatewayConfig): Promise<Applied> {
    const applied = this.#last.then(() => this.#apply(config))
    this.#last = applied.catch(() => {})
    return applied
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#last
    this.#current.router.close()
    await this.#options.backends.close()
  }

  async #apply(config: GatewayConfig): Promise<Applied> {
    const before = this.#current
    const { number } = before
    if (isDeepStrictEqual(config, before.config))
      return { generation: number, backends: NO_CHANGES, changed: [], restart: this.restart }
    const next = this.#options.backends.prepare(config.backends)
    const generation = this.#stack(number + 1, config, next)
    try {
      await this.#check(generation, next)
    } catch (error) {
      generation.router.close()
      await next.discard()
      throw error
    }
    next.commit(() => this.gateway.runsIn(before.gateway) > 0)
    this.#current = generation
    const { removed, replaced } = next.changes
    this.gateway.replace({
      gateway: generation.gateway,
      gone: new Set([...removed, ...replaced]),
      retire: () => before.router.retire(),
    })
    const changed = changedKeys(before.config, config)
    return { generation: generation.number, backends: next.changes, changed, restart: this.restart }
  }

  /** The old configuration serves meanwhile. @throws GatewayError */
  async #check(generation: Generation, next: NextBackends): Promise<void> {
    await settled({ all: next.fresh, watch: next.watch }, CONNECT_MS, this.#closing.signal)
    if (this.#closing.signal.aborted) throw new GatewayError('unavailable', 'the gateway is closing')
    const known = new Set(this.#current.router.conflicts.map(({ name }) => name))
    const fresh = generation.router.conflicts.filter(({ name }) => !known.has(name))
    if (fresh.length > 0) throw conflictError(fresh)
  }

  #stack(
    number: number,
    config: GatewayConfig,
    backends: Omit<LiveBackends, 'close' | 'prepare'>,
  ): Generation {
    const { layersOf, telemetry, log } = this.#options
    const observed = telemetry?.observe(backends, config.backends) ?? backends
    return stack({ number, config, backends: observed, layers: layersOf(config), log })
  }
}

function changedKeys(before: GatewayConfig, now: GatewayConfig): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(now)] as Key[])
  keys.delete('backends')
  return [...keys].filter((key) => !isDeepStrictEqual(before[key], now[key])).sort()
}
