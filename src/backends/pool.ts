import { isDeepStrictEqual } from 'node:util'
import type { BackendConfig } from '../core/config.ts'
import type { TokenCacheConfig } from '../core/outgoing-auth-config.ts'
import type { Backend, Backends, ClientSessions } from '../core/ports.ts'
import type { Topic } from '../core/topic.ts'
import type { ManagedBackend } from './backend.ts'
import { Pause } from './backoff.ts'
import type { Ears } from './ears.ts'

/** Backends that others can take the place of while they work. `all` is a snapshot that is replaced. */
export interface LiveBackends extends Backends {
  /**
   * Those of another configuration, of which the ones that are reached in the same way are the very same.
   * @throws GatewayError `config` where one of them cannot be made
   */
  prepare(configs: readonly BackendConfig[]): NextBackends
  /** What they have in common is another from now on. */
  tune(common: Common): void
}

/** What the configuration says of all backends. */
export interface Common {
  readonly tokenCache?: TokenCacheConfig | undefined
}

/** Backends that are to take the place of those there are. The new ones are connected already, beside the old. */
export interface NextBackends extends Omit<Backends, 'close'> {
  readonly changes: BackendChanges
  /** Those that are new. */
  readonly fresh: readonly Backend[]
  /**
   * Takes the place. What is no longer among them is closed when its calls have ended, at the latest after 10 s.
   * @param isInUse whether there may be more calls of what was there before
   */
  commit(isInUse?: () => boolean): void
  /** Closes those that are new. */
  discard(): Promise<void>
}

/** Names of backends, sorted. */
export interface BackendChanges {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  /** Those with other settings than before. */
  readonly replaced: readonly string[]
}

export interface PoolOptions {
  readonly make: (config: BackendConfig) => ManagedBackend
  readonly topic: Topic<string>
  readonly ears: Ears
  readonly tune: (common: Common) => void
  /** Ends what backends have in common. */
  readonly close: () => Promise<void>
}

interface Member {
  readonly config: BackendConfig
  readonly backend: ManagedBackend
}

/** How long calls may go on that were in progress when their backend was taken out. */
const DRAIN_MS = 10_000
/** A backend without calls for this long is not in use: what has been resolved before has been called by then. */
const QUIET_MS = 250
/** Backends that wait for the end of their calls; of more, the oldest is closed at once. */
const MOST_RETIRING = 8

export class Pool implements LiveBackends {
  readonly sessions: ClientSessions
  readonly #options: PoolOptions
  readonly #retiring = new Map<ManagedBackend, AbortController>()
  #members: readonly Member[] = []
  #all: readonly ManagedBackend[] = []

  constructor(configs: readonly BackendConfig[], options: PoolOptions) {
    this.#options = options
    this.sessions = {
      hear: (session, listener) => options.ears.hear(session, listener),
      tell: (session, news) => this.#each((backend) => backend.tell(session, news)),
      release: (session) => this.#each((backend) => backend.release(session)),
    }
    this.#take(configs.map((config) => ({ config, backend: options.make(config) })))
  }

  get all(): readonly ManagedBackend[] {
    return this.#all
  }

  watch(signal: AbortSignal): AsyncIterable<string> {
    return this.#options.topic.subscribe(signal)
  }

  prepare(configs: readonly BackendConfig[]): NextBackends {
    const before = new Map(this.#members.map((member) => [member.config.name, member]))
    const members = this.#membersOf(configs, before)
    const kept = new Set(
      members.map(({ backend }) => backend).filter((backend) => this.#all.includes(backend)),
    )
    const fresh = members.map(({ backend }) => backend).filter((backend) => !kept.has(backend))
    return {
      fresh,
      all: members.map(({ backend }) => backend),
      watch: (signal) => this.watch(signal),
      sessions: this.sessions,
      changes: changesOf([...before.keys()], members, kept),
      commit: (isInUse = () => false) => {
        const old = this.#all.filter((backend) => !kept.has(backend))
        for (const { config, backend } of members) if (kept.has(backend)) backend.adopt(config)
        this.#take(members)
        for (const backend of old) void this.#retire(backend, isInUse)
      },
      discard: async () => {
        await Promise.all(fresh.map((backend) => backend.close()))
      },
    }
  }

  tune(common: Common): void {
    this.#options.tune(common)
  }

  async close(): Promise<void> {
    for (const [, hurry] of this.#retiring) hurry.abort()
    await Promise.all([...this.#all, ...this.#retiring.keys()].map((backend) => backend.close()))
    await this.#options.close()
  }

  /** @throws GatewayError `config` where one cannot be made, and then none of the others that are new is left */
  #membersOf(configs: readonly BackendConfig[], before: ReadonlyMap<string, Member>): readonly Member[] {
    const made: ManagedBackend[] = []
    const make = (config: BackendConfig): ManagedBackend => {
      const backend = this.#options.make(config)
      made.push(backend)
      return backend
    }
    try {
      return configs.map((config) => {
        const known = before.get(config.name)
        const isKept = known !== undefined && isSame(known.config, config)
        return { config, backend: isKept ? known.backend : make(config) }
      })
    } catch (error) {
      for (const backend of made) void backend.close()
      throw error
    }
  }

  #take(members: readonly Member[]): void {
    this.#members = members
    this.#all = members.map(({ backend }) => backend)
  }

  /** Those too that are being taken out: sessions may have something open with them. */
  #each(act: (backend: ManagedBackend) => void): void {
    for (const backend of this.#all) act(backend)
    for (const backend of this.#retiring.keys()) act(backend)
  }

  async #retire(backend: ManagedBackend, isInUse: () => boolean): Promise<void> {
    const hurry = new AbortController()
    this.#retiring.set(backend, hurry)
    if (this.#retiring.size > MOST_RETIRING) this.#retiring.values().next().value?.abort()
    const until = performance.now() + DRAIN_MS
    do await new Pause().begin(QUIET_MS, hurry.signal)
    while ((backend.calls > 0 || isInUse()) && performance.now() < until && !hurry.signal.aborted)
    await backend.close()
    this.#retiring.delete(backend)
  }
}

function isSame(one: BackendConfig, other: BackendConfig): boolean {
  return isDeepStrictEqual(wayTo(one), wayTo(other))
}

/** What connections are made with: no labels, and not the terms of calls. */
function wayTo({ metadata, timeoutMs, resilience, ...way }: BackendConfig): object {
  return way
}

function changesOf(
  before: readonly string[],
  members: readonly Member[],
  kept: ReadonlySet<ManagedBackend>,
): BackendChanges {
  const known = new Set(before)
  const now = new Set(members.map(({ config }) => config.name))
  const fresh = members.filter(({ backend }) => !kept.has(backend)).map(({ config }) => config.name)
  return {
    added: fresh.filter((name) => !known.has(name)).sort(),
    removed: before.filter((name) => !now.has(name)).sort(),
    replaced: fresh.filter((name) => known.has(name)).sort(),
  }
}
