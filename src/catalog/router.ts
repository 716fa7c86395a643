import type { Call } from '../core/call.ts'
import type { Caller } from '../core/caller.ts'
import type { CacheScope, Catalog, Item } from '../core/catalog.ts'
import type { AggregationPolicy, PartialFailureMode } from '../core/config.ts'
import type { Change, Gateway, Resolved } from '../core/gateway.ts'
import { notFound } from '../core/layer.ts'
import type { Log } from '../core/log.ts'
import type { Backend, Backends, ClientSessions } from '../core/ports.ts'
import type { RawObject } from '../core/raw.ts'
import { Topic } from '../core/topic.ts'
import { announce } from './announce.ts'
import { hearAsides } from './asides.ts'
import { nothingToComplete, orNoValues } from './completion.ts'
import type { Conflict } from './conflict/claim.ts'
import { Methods } from './methods.ts'
import { type Patience, Waiting } from './patience.ts'
import { conflictError, incomplete } from './refusals.ts'
import { changes, type Snapshot, Snapshots } from './snapshot.ts'

/** The innermost gateway. What it resolves may be hidden; the layer above refuses that. */
export interface Router extends Gateway {
  /** What there is now, hidden entries included, without waiting for anybody. */
  readonly catalog: Catalog
  /** While there are any, `list` fails, and so do calls of what is not found. */
  readonly conflicts: readonly Conflict[]
  /** Another takes its place: it tells nothing any more, and answers what it is asked without waiting for anybody. */
  retire(): void
  close(): void
}

/** It closes none of them. */
export type RoutedBackends = Omit<Backends, 'close'>

export interface RouterOptions {
  readonly backends: RoutedBackends
  readonly policy: AggregationPolicy
  readonly log: Log
  readonly patience: Patience
  /** `best_effort` where it is not said. */
  readonly partialFailure?: PartialFailureMode | undefined
  /** `private` where others than the callers of this router are shown something else. */
  readonly scope?: CacheScope
}

/** For callers who are all shown the same. */
export function openRouter(options: RouterOptions): Router {
  return new BackendRouter(options)
}

class BackendRouter implements Router {
  readonly #backends: ReadonlyMap<string, Backend>
  readonly #sessions: ClientSessions
  readonly #methods: Methods
  readonly #snapshots: Snapshots
  readonly #waiting: Waiting
  readonly #log: Log
  /** Nothing is listed while something is missing. */
  readonly #wholly: boolean
  readonly #topic = new Topic<Change>(({ kind }) => kind)
  readonly #closing = new AbortController()
  #current: Snapshot
  #refreshing: NodeJS.Immediate | undefined

  constructor({ backends, policy, log, patience, partialFailure, scope }: RouterOptions) {
    this.#backends = new Map(backends.all.map((backend) => [backend.name, backend]))
    this.#sessions = backends.sessions
    this.#methods = new Methods(backends.all)
    this.#snapshots = new Snapshots(backends.all, policy, scope)
    this.#waiting = new Waiting(backends.all, patience)
    this.#log = log
    this.#wholly = partialFailure === 'fail'
    this.#current = this.#snapshots.take(undefined)
    announce(log, this.#current, undefined)
    void this.#follow(backends.watch(this.#closing.signal))
  }

  get catalog(): Catalog {
    return this.#refresh().catalog
  }

  get conflicts(): readonly Conflict[] {
    return this.#refresh().conflicts
  }

  async list(_: Caller, signal: AbortSignal): Promise<Catalog> {
    await this.#waiting.over(signal)
    const { catalog, conflicts } = this.#refresh()
    if (conflicts.length > 0) throw conflictError(conflicts)
    if (this.#wholly && catalog.missing !== undefined) throw incomplete([...this.#backends.values()])
    return catalog
  }

  async resolve(caller: Caller, call: Call, signal: AbortSignal): Promise<Resolved> {
    if (call.kind === 'task') return this.#methods.task(caller, call)
    if (call.kind === 'method') return this.#methods.method(caller, call, this.#ownerOf(call.params))
    const item = this.#current.routes.find(call) ?? (await this.#lookAgain(call, signal))
    if (item === undefined && call.kind === 'completion') return nothingToComplete(call.ref)
    const backend = this.#backends.get(item?.origin.backend ?? '')
    if (item === undefined || backend === undefined) throw notFound(call)
    const request = { caller, call, item }
    if (call.kind !== 'completion') return { item, run: (exchange) => backend.run(request, exchange) }
    return { item, run: (exchange) => orNoValues((it) => backend.run(request, it), exchange) }
  }

  watch({ session }: Caller, signal: AbortSignal): AsyncIterable<Change> {
    const mailbox = this.#topic.subscribe(signal)
    hearAsides(this.#sessions, session, mailbox)
    return mailbox
  }

  retire(): void {
    this.#endTelling()
    this.#waiting.end()
  }

  close(): void {
    this.#endTelling()
    this.#waiting.close()
  }

  #endTelling(): void {
    this.#closing.abort()
    clearImmediate(this.#refreshing)
    this.#topic.close()
  }

  /** The backend whose resource the parameters name. */
  #ownerOf(params: RawObject): string | undefined {
    const uri = params.value('uri')
    if (typeof uri !== 'string') return undefined
    return this.#current.routes.find({ kind: 'resource', uri, params })?.origin.backend
  }

  async #lookAgain(call: Call, signal: AbortSignal): Promise<Item | undefined> {
    await this.#waiting.over(signal)
    const { routes, conflicts } = this.#refresh()
    const item = routes.find(call)
    if (item === undefined && call.kind === 'tool' && conflicts.some(({ name }) => name === call.name))
      throw conflictError(conflicts)
    return item
  }

  async #follow(names: AsyncIterable<string>): Promise<void> {
    for await (const _ of names) {
      // Backends that change in the same turn are looked at together.
      this.#refreshing ??= setImmediate(() => {
        this.#refreshing = undefined
        this.#refresh()
        this.#waiting.wake()
      })
    }
  }

  /** The snapshot of now; whoever watches is told how it differs. */
  #refresh(): Snapshot {
    const before = this.#current
    if (this.#snapshots.isCurrent(before)) return before
    const now = this.#snapshots.take(before)
    this.#current = now
    announce(this.#log, now, before)
    for (const change of changes(before.catalog, now.catalog, this.#wholly)) this.#topic.publish(change)
    return now
  }
}
