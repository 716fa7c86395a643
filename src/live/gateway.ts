import { isDeepStrictEqual } from 'node:util'
import type { BackendChanges, LiveBackends, NextBackends } from '../backends/index.ts'
import { conflictError } from '../catalog/index.ts'
import type { GatewayConfig } from '../core/config.ts'
import { GatewayError } from '../core/errors.ts'
import type { Layer } from '../core/gateway.ts'
import type { Log } from '../core/log.ts'
import { type Part, type Prepared, prepareAll } from '../core/part.ts'
import type { Backends } from '../core/ports.ts'
import type { Observation, Observing } from '../observe/observing.ts'
import { type Generation, stack } from '../stack/generation.ts'
import type { Kept } from '../stack/kept.ts'
import { settled } from './settled.ts'
import { Switch } from './switch.ts'

/** What a change of the configuration has come to. */
export interface Applied {
  /** Of the configuration that is served now; the same as before where nothing is different. */
  readonly generation: number
  readonly backends: BackendChanges
  /** The other parts of the configuration that are different. */
  readonly changed: readonly string[]
}

export interface LiveGatewayOptions {
  readonly config: GatewayConfig
  readonly backends: LiveBackends
  readonly layersOf: (config: GatewayConfig, observation: Observation) => readonly Layer[]
  /** What layers are made with. */
  readonly kept: Kept
  readonly observing: Observing
  readonly log: Log
  /** @param before who looked on until then */
  readonly onApplied: (before: Observation) => void
}

type Key = keyof GatewayConfig

const NO_CHANGES: BackendChanges = { added: [], removed: [], replaced: [] }
/** How long new backends may take to answer before a configuration is served without them. */
const CONNECT_MS = 5_000

/** A gateway whose configuration can be replaced by another while it serves. */
export class LiveGateway {
  readonly gateway: Switch
  /** What follows the configuration besides. */
  readonly parts = new Set<Part>()
  readonly #options: LiveGatewayOptions
  readonly #closing = new AbortController()
  #current: Generation
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: LiveGatewayOptions) {
    this.#options = options
    this.#current = this.#stack(1, options, options.observing.now)
    options.kept.settle()
    this.gateway = new Switch(this.#current.gateway)
  }

  get current(): Generation {
    return this.#current
  }

  /**
   * Serves another configuration: wholly, or, where it throws, not at all. Changes come one after the other.
   * @throws GatewayError `conflict` where its backends turn out to offer names that it leaves undecided; `unavailable`
   */
  apply(config: GatewayConfig): Promise<Applied> {
    return this.#inTurn(() => this.#apply(config))
  }

  /** Opens a part for the configuration of now, between two changes. */
  join<P extends Part>(open: (config: GatewayConfig) => Promise<P>): Promise<P> {
    return this.#inTurn(async () => {
      const part = await open(this.#current.config)
      this.parts.add(part)
      return part
    })
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#last.then(act)
    this.#last = done.catch(() => {})
    return done
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#last
    this.#current.router.close()
    await this.#options.backends.close()
  }

  async #apply(config: GatewayConfig): Promise<Applied> {
    const before = this.#current
    if (isDeepStrictEqual(config, before.config))
      return { generation: before.number, backends: NO_CHANGES, changed: [] }
    const { observing, kept, onApplied } = this.#options
    const observed = observing.now
    const next = await this.#prepare(config)
    this.#replace(before, next)
    next.parts.commit()
    next.observers.commit()
    kept.settle()
    onApplied(observed)
    const changed = changedKeys(before.config, config)
    return { generation: next.generation.number, backends: next.backends.changes, changed }
  }

  /** All that the configuration wants, beside what there is. @throws GatewayError, and then nothing is left of it */
  async #prepare(config: GatewayConfig): Promise<Next> {
    const { observing, backends: live, kept } = this.#options
    const undo: (() => Promise<void> | void)[] = []
    try {
      const parts = await prepareAll(this.parts, config)
      undo.push(() => parts.discard())
      const observers = await observing.prepare(config)
      undo.push(() => observers.discard())
      const backends = live.prepare(config.backends)
      undo.push(
        () => kept.revert(),
        () => backends.discard(),
      )
      const generation = this.#stack(this.#current.number + 1, { config, backends }, observers.observation)
      undo.push(() => generation.router.close())
      await this.#check(generation, backends)
      return { parts, observers, backends, generation }
    } catch (error) {
      for (const step of undo.reverse()) await step()
      throw error
    }
  }

  #replace(before: Generation, { backends, generation }: Next): void {
    const { removed, replaced } = backends.changes
    backends.commit(() => this.gateway.runsIn(before.gateway) > 0)
    this.#current = generation
    this.gateway.replace({
      gateway: generation.gateway,
      gone: new Set([...removed, ...replaced]),
      retire: () => before.router.retire(),
    })
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
    { config, backends }: { readonly config: GatewayConfig; readonly backends: Omit<Backends, 'close'> },
    observation: Observation,
  ): Generation {
    const { layersOf, log } = this.#options
    const observed = observation.telemetry?.observe(backends, config.backends) ?? backends
    return stack({ number, config, backends: observed, layers: layersOf(config, observation), log })
  }
}

interface Next {
  readonly parts: Prepared
  readonly observers: Prepared
  readonly backends: NextBackends
  readonly generation: Generation
}

function changedKeys(before: GatewayConfig, now: GatewayConfig): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(now)] as Key[])
  keys.delete('backends')
  return [...keys].filter((key) => !isDeepStrictEqual(before[key], now[key])).sort()
}
