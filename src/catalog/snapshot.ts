import { isDeepStrictEqual } from 'node:util'
import type { CacheScope, Catalog } from '../core/catalog.ts'
import type { AggregationPolicy } from '../core/config.ts'
import type { Change } from '../core/gateway.ts'
import {
  type Backend,
  type BackendHealth,
  type BackendState,
  isMissing,
  lastReady,
  type Offer,
} from '../core/ports.ts'
import { type Aggregate, merge } from './aggregate.ts'
import { cachingOf } from './caching.ts'
import { type Prepared, prepare } from './prepare.ts'
import { createRoutes, type Routes } from './routes.ts'

/** All that follows from the states of the backends at one time. */
export interface Snapshot extends Aggregate {
  readonly routes: Routes
  /** Of each backend, in the order of the backends. */
  readonly states: readonly BackendState[]
  readonly healths: readonly BackendHealth[]
}

/** Makes snapshots, and does again only what its backend or the names of others have changed. */
export class Snapshots {
  readonly #backends: readonly Backend[]
  readonly #policy: AggregationPolicy
  readonly #all: Pick<Catalog, 'caching' | 'personal'>
  readonly #prepared = new Map<string, { readonly offer: Offer; readonly prepared: Prepared }>()

  constructor(backends: readonly Backend[], policy: AggregationPolicy, scope?: CacheScope) {
    this.#backends = backends
    this.#policy = policy
    this.#all = {
      caching: cachingOf(backends, scope),
      ...(scope === 'private' && { personal: true as const }),
    }
  }

  isCurrent({ states, healths }: Snapshot): boolean {
    return this.#backends.every(({ state, health }, i) => state === states[i] && health === healths[i])
  }

  /** What is equal to a part of `previous` is that very part, so that whoever keeps something for it can. */
  take(previous: Snapshot | undefined): Snapshot {
    const states = this.#backends.map(({ state }) => state)
    const healths = this.#backends.map(({ health }) => health)
    const offers = offersOf(states)
    const missing = this.#missing()
    // Only how long they hold has changed, or what nobody is shown.
    if (previous !== undefined && isSame(offers, offersOf(previous.states)))
      return { ...previous, states, healths, catalog: withMissing(previous.catalog, missing) }
    const parts = this.#backends.flatMap(({ name }, i) => {
      const offer = offers[i]
      return offer === undefined ? [] : [this.#prepare(name, offer)]
    })
    const { catalog: lists, conflicts } = merge(parts, this.#policy)
    const catalog: Catalog = { ...lists, missing, ...this.#all }
    if (previous === undefined) return { catalog, conflicts, states, healths, routes: createRoutes(catalog) }
    const kept = keepEqual(previous.catalog, catalog)
    const routes = kept === previous.catalog ? previous.routes : createRoutes(kept)
    return { catalog: kept, conflicts, states, healths, routes }
  }

  #missing(): readonly string[] | undefined {
    const names = this.#backends.filter(isMissing).map(({ name }) => name)
    return names.length === 0 ? undefined : names.sort()
  }

  #prepare(name: string, offer: Offer): Prepared {
    const known = this.#prepared.get(name)
    if (known?.offer === offer) return known.prepared
    const prepared = prepare(name, offer, this.#policy)
    this.#prepared.set(name, { offer, prepared })
    return prepared
  }
}

/** A backend that fails keeps its last offer listed. */
function offersOf(states: readonly BackendState[]): readonly (Offer | undefined)[] {
  return states.map((state) => lastReady(state)?.offer)
}

function keepEqual(old: Catalog, now: Catalog): Catalog {
  const keep = <K extends keyof Catalog>(key: K): Catalog[K] =>
    isDeepStrictEqual(old[key], now[key]) ? old[key] : now[key]
  const kept: Catalog = {
    tools: keep('tools'),
    prompts: keep('prompts'),
    resources: keep('resources'),
    templates: keep('templates'),
    dropped: keep('dropped'),
    missing: keep('missing'),
    caching: now.caching,
    ...(now.personal && { personal: now.personal }),
  }
  return Object.entries(kept).every(([key, part]) => part === old[key as keyof Catalog]) ? old : kept
}

function withMissing(catalog: Catalog, missing: readonly string[] | undefined): Catalog {
  return isDeepStrictEqual(catalog.missing, missing) ? catalog : { ...catalog, missing }
}

function isSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.every((one, i) => one === others[i])
}

/** The lists that differ between two catalogues. @param all whether they do when other backends are missing */
export function changes(old: Catalog, now: Catalog, all: boolean): Change[] {
  const differs = (key: keyof Catalog) => old[key] !== now[key] || (all && old.missing !== now.missing)
  const kinds: Change[] = []
  if (differs('tools')) kinds.push({ kind: 'tools' })
  if (differs('prompts')) kinds.push({ kind: 'prompts' })
  if (differs('resources') || differs('templates')) kinds.push({ kind: 'resources' })
  return kinds
}
