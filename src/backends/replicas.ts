import type { Exchange, Result } from '../core/call.ts'
import type { Caller } from '../core/caller.ts'
import type { BackendConfig } from '../core/config.ts'
import type { GatewayError } from '../core/errors.ts'
import type { News } from '../core/gateway.ts'
import type {
  BackendHealth,
  BackendRequest,
  BackendState,
  HealthStatus,
  SessionViews,
  TransportType,
} from '../core/ports.ts'
import { lastReady } from '../core/ports.ts'
import type { ConnectedBackend, ManagedBackend } from './backend.ts'
import { Guard } from './guard.ts'
import type { Connection } from './mcp/connection.ts'
import { Failure } from './mcp/failure.ts'
import { ReplicatedSessionViews, ReplicatedViews } from './personal/replicated.ts'
import { Standing } from './standing.ts'
import type { Terms } from './terms.ts'
import { isSubscription } from './ways.ts'

export interface ReplicasOptions {
  readonly terms: Terms
  readonly changed: (name: string) => void
  /** Begins to connect to each of them. @param changed is called when one of them has changed */
  readonly connect: (changed: () => void) => readonly ConnectedBackend[]
}

/** Client sessions and tasks of which it is remembered where they are. */
const REMEMBERED = 10_000
/** More than any number of calls. */
const UNREACHABLE = 1e9

/**
 * Several servers that offer the same, as one backend. What is listed is what one of them lists. A call goes to
 * the server with the fewest calls in progress; a client session and a task stay where they are as long as that
 * server can be reached.
 */
export class ReplicatedBackend implements ManagedBackend {
  readonly name: string
  readonly transport: TransportType
  readonly #options: ReplicasOptions
  readonly #replicas: readonly ConnectedBackend[]
  #guard: Guard
  /** Absent where it is the same for all callers. */
  readonly views: ReplicatedViews | undefined
  readonly sessionViews: SessionViews | undefined
  /** Replicas by session, and by task. */
  readonly #homes = new Map<string, ConnectedBackend>()
  /** Whose lists are shown. */
  #shown: ConnectedBackend
  #state: BackendState | undefined
  #health: BackendHealth | undefined
  #made: readonly unknown[] = []

  constructor(options: ReplicasOptions) {
    const { name, transport } = options.terms.config
    this.name = name
    this.transport = transport
    this.#options = options
    this.#replicas = options.connect(() => {
      this.views?.review()
      options.changed(name)
    })
    this.#shown = this.#replicas[0] as ConnectedBackend
    this.views = this.#shown.views && new ReplicatedViews(this.#replicas)
    this.sessionViews = this.#shown.sessionViews && new ReplicatedSessionViews(this.#replicas)
    this.#guard = this.#newGuard()
  }

  /** Of the replica whose lists are shown; of another only when that cannot be reached and the other can. */
  get state(): BackendState {
    if (!isThere(this.#shown)) {
      const other = this.#replicas.find(isThere)
      this.#shown = other ?? this.#replicas.find(({ state }) => state.status === 'connecting') ?? this.#shown
    }
    return this.#withLast(this.#shown.state)
  }

  /** The same object until one of the replicas has another health. */
  get health(): BackendHealth {
    const now = this.#replicas.map(({ health }) => health)
    if (this.#health === undefined || now.some((health, i) => health !== this.#made[i])) {
      this.#made = now
      this.#health = combined(now)
    }
    return this.#health
  }

  get lateReplies(): number {
    return this.#sum(({ lateReplies }) => lateReplies)
  }

  get connections(): number {
    return this.#sum(({ connections }) => connections)
  }

  get running(): number {
    return this.#sum(({ running }) => running)
  }

  get calls(): number {
    return this.#sum(({ calls }) => calls)
  }

  get queued(): number {
    return this.#guard.queued
  }

  run(request: BackendRequest, exchange: Exchange): Promise<Result> {
    if (!isSubscription(request.call)) return this.#guard.run(request, exchange)
    const hold = holding(request.caller, exchange.signal)
    const connect = (): Promise<Connection> => {
      const [first] = this.#candidates(request) as [ConnectedBackend]
      hold(first)
      return first.connect(request.caller, exchange.signal)
    }
    const isOver = () => this.#replicas.every(({ isClosed }) => isClosed)
    const { name, timeoutMs } = this.#options.terms
    return new Standing(request, exchange, { name, timeoutMs, connect, isOver }).begin()
  }

  adopt(config: BackendConfig): void {
    this.#options.terms.adopt(config)
    for (const replica of this.#replicas) replica.adopt(config)
    if (!this.#guard.isCurrent) this.#guard = this.#newGuard()
  }

  tell(session: string, news: News): void {
    for (const replica of this.#replicas) replica.tell(session, news)
  }

  release(session: string): void {
    this.#homes.delete(sessionKey(session))
    for (const replica of this.#replicas) replica.release(session)
  }

  async close(): Promise<void> {
    await Promise.all(this.#replicas.map((replica) => replica.close()))
  }

  #newGuard(): Guard {
    return new Guard(this.#options.terms, (request, exchange, began) =>
      this.#attempt(request, exchange, began),
    )
  }

  /** One after the other, as long as the call was surely not made. */
  async #attempt(request: BackendRequest, exchange: Exchange, began: number): Promise<Result> {
    const candidates = this.#candidates(request)
    const reachable = candidates.filter(({ isReachable }) => isReachable)
    let error: unknown
    for (const replica of reachable) {
      try {
        return await this.#on(replica, request, () => replica.attempt(request, exchange, began, false))
      } catch (thrown) {
        error = thrown
        if (!wasNotMade(thrown)) throw thrown
      }
    }
    // None can be reached now: there is time to wait for one.
    const [best] = candidates.filter(({ isOpen }) => !isOpen)
    if (best === undefined) return (candidates[0] as ConnectedBackend).attempt(request, exchange, began)
    if (error !== undefined && performance.now() - began >= this.#options.terms.timeoutMs) throw error
    return this.#on(best, request, () => best.attempt(request, exchange, began))
  }

  async #on(
    replica: ConnectedBackend,
    { caller, call }: BackendRequest,
    run: () => Promise<Result>,
  ): Promise<Result> {
    if (caller.era === 'legacy' && caller.session !== undefined)
      this.#remember(sessionKey(caller.session), replica)
    const result = await run()
    const task = result.type === 'task' || call.params.has('task') ? taskOf(result) : undefined
    if (task !== undefined) this.#remember(taskKey(task), replica)
    return result
  }

  /** Where the session or the task is comes first, then those with the fewest calls. */
  #candidates({ caller, call }: Pick<BackendRequest, 'caller' | 'call'>): readonly ConnectedBackend[] {
    const home =
      (call.kind === 'task' ? this.#homes.get(taskKey(call.taskId)) : undefined) ?? this.#homeOf(caller)
    const rank = (it: ConnectedBackend) =>
      (it.isReachable ? 0 : UNREACHABLE) + (it === home ? -1 : it.running)
    return this.#replicas.toSorted((a, b) => rank(a) - rank(b))
  }

  #homeOf({ era, session }: Caller): ConnectedBackend | undefined {
    return era === 'legacy' && session !== undefined ? this.#homes.get(sessionKey(session)) : undefined
  }

  #remember(key: string, replica: ConnectedBackend): void {
    this.#homes.delete(key)
    this.#homes.set(key, replica)
    if (this.#homes.size <= REMEMBERED) return
    const [oldest] = this.#homes.keys()
    this.#homes.delete(oldest as string)
  }

  /** What one replica has listed is still listed when another that was never reached is shown. */
  #withLast(state: BackendState): BackendState {
    if (state.status !== 'failed' || state.last !== undefined) return state
    const last = this.#replicas.map((it) => lastReady(it.state)).find((it) => it !== undefined)
    if (last === undefined) return state
    if (this.#state?.status !== 'failed' || this.#state.error !== state.error || this.#state.last !== last)
      this.#state = { ...state, last }
    return this.#state
  }

  #sum(count: (replica: ConnectedBackend) => number): number {
    return this.#replicas.reduce((sum, replica) => sum + count(replica), 0)
  }
}

const sessionKey = (session: string) => `session ${session}`
const taskKey = (task: string) => `task ${task}`

/** Holds the connection of a caller at one server at a time, until the signal fires. */
function holding(caller: Caller, signal: AbortSignal): (replica: ConnectedBackend) => void {
  let held: ConnectedBackend | undefined
  let over = new AbortController()
  return (replica) => {
    if (replica === held) return
    over.abort()
    over = new AbortController()
    held = replica
    replica.hold(caller, AbortSignal.any([signal, over.signal]))
  }
}

function wasNotMade(error: unknown): boolean {
  const { data } = error as GatewayError
  return Failure.of(error)?.kind === 'unsent' || data?.['reason'] === 'circuit_open'
}

function isThere({ state }: ConnectedBackend): boolean {
  return state.status === 'ready' || state.status === 'reserved'
}

/** The id of the task that a call has become, in the words of either era. */
function taskOf({ body }: Result): string | undefined {
  const id = body.value('taskId') ?? body.object('task')?.value('taskId')
  return typeof id === 'string' ? id : undefined
}

const BEST_FIRST: readonly HealthStatus[] = ['healthy', 'degraded', 'unknown', 'unauthenticated', 'unhealthy']

/** As good as the best of them; where another is worse than that, not quite healthy. */
function combined(replicas: readonly BackendHealth[]): BackendHealth {
  const sorted = replicas.toSorted((a, b) => BEST_FIRST.indexOf(a.status) - BEST_FIRST.indexOf(b.status))
  const best = sorted[0] as BackendHealth
  const isMixed = best.status === 'healthy' && sorted.at(-1)?.status !== 'healthy'
  const open = replicas.every(({ breaker }) => breaker?.status === 'open')
  const closed = replicas.find(({ breaker }) => breaker?.status !== 'open') ?? best
  const errors = replicas.flatMap(({ error }) => error ?? []).sort((a, b) => b.at - a.at)
  return {
    ...best,
    status: isMixed ? 'degraded' : best.status,
    error: errors[0],
    breaker: open ? best.breaker : closed.breaker,
    replicas,
  }
}
