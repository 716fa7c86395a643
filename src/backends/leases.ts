import type { Exchange, Result } from '../core/call.ts'
import type { Caller } from '../core/caller.ts'
import { GatewayError } from '../core/errors.ts'
import type { BackendRequest } from '../core/ports.ts'
import { orCancelled } from './cancelled.ts'
import type { Connection } from './mcp/connection.ts'
import { Failure } from './mcp/failure.ts'
import { noRoom, roomFor, type SessionsOptions } from './sessions.ts'

export interface LeaseLimits {
  /** Connections at the same time. */
  readonly room: number
  /** A connection that nobody has called over for this long is closed. */
  readonly idleMs: number
}

const IDLE_MS = 60_000

interface Lease {
  readonly connection: Connection
  idleSince: number
  lost: boolean
}

/**
 * Connections to a legacy backend that one call of a modern client has for itself at a time. The client has no
 * session to keep one for, and what such a server asks in the course of a call does not say which call it is.
 */
export class Leases {
  readonly #options: SessionsOptions
  readonly #limits: LeaseLimits
  /** By whom they speak for; the one used last is the last. */
  readonly #idle = new Map<string, Lease[]>()
  readonly #all = new Set<Lease>()
  readonly #closing = new AbortController()
  #opening = 0
  #sweeping: NodeJS.Timeout | undefined

  constructor(options: SessionsOptions, limits: Partial<LeaseLimits> = {}) {
    this.#options = options
    this.#limits = { room: roomFor(options.transport), idleMs: IDLE_MS, ...limits }
  }

  /** @throws GatewayError */
  async run(request: BackendRequest, exchange: Exchange): Promise<Result> {
    const key = keyOf(request.caller)
    const idle = this.#idle.get(key)?.pop()
    if (idle === undefined) return this.#fresh(key, request, exchange)
    try {
      return await this.#use(key, idle, () => idle.connection.run(request, exchange))
    } catch (error) {
      // It was gone before the request left.
      if (Failure.of(error)?.kind !== 'unsent') throw error
      return await this.#fresh(key, request, exchange)
    }
  }

  /** Those that are being opened included. */
  get size(): number {
    return this.#all.size + this.#opening
  }

  /** In progress, those that wait for their connection included. */
  get calls(): number {
    let calls = this.#opening
    for (const { connection } of this.#all) calls += connection.calls
    return calls
  }

  async close(): Promise<void> {
    this.#closing.abort()
    clearInterval(this.#sweeping)
    this.#idle.clear()
    await Promise.all([...this.#all].map(({ connection }) => connection.close()))
  }

  async #fresh(key: string, request: BackendRequest, exchange: Exchange): Promise<Result> {
    this.#makeRoom()
    const opening = this.#open(request.caller)
    const lease = await orCancelled(opening, exchange.signal).catch((error: unknown) => {
      // Where the call was cancelled meanwhile, the next may have it.
      opening.then((late) => this.#giveBack(key, late)).catch(() => {})
      throw error
    })
    return this.#use(key, lease, () => lease.connection.run(request, exchange))
  }

  /** @throws GatewayError `unavailable` */
  #makeRoom(): void {
    const { room } = this.#limits
    if (this.#all.size + this.#opening < room) return
    const [oldest] = [...this.#idle.values()].flat().sort((a, b) => a.idleSince - b.idleSince)
    if (oldest === undefined) throw noRoom(this.#options.name, room)
    this.#end(oldest)
  }

  async #open(caller: Caller): Promise<Lease> {
    const { dialer, connectMs, name } = this.#options
    const { signal: closing } = this.#closing
    let lease: Lease | undefined
    let lost: GatewayError | undefined
    const events = {
      changed() {},
      aside: () => false,
      lost: (error: GatewayError) => {
        lost = error
        if (lease !== undefined) this.#drop(lease)
      },
    }
    this.#opening++
    try {
      const signal = AbortSignal.any([closing, AbortSignal.timeout(connectMs)])
      const connection = await dialer.session(caller, events, signal)
      if (closing.aborted) lost = new GatewayError('unavailable', `backend '${name}' is being closed`)
      lease = { connection, idleSince: 0, lost: false }
    } finally {
      this.#opening--
    }
    if (lost !== undefined) {
      void lease.connection.close()
      throw lost
    }
    this.#all.add(lease)
    return lease
  }

  /** A call that was given up may go on at the server, and ask: then nobody else gets its connection. */
  async #use<T>(key: string, lease: Lease, work: () => Promise<T>): Promise<T> {
    let answered = false
    try {
      const result = await work()
      answered = true
      return result
    } catch (error) {
      answered = GatewayError.from(error).code === 'backend'
      throw error
    } finally {
      if (answered) this.#giveBack(key, lease)
      else this.#end(lease)
    }
  }

  #giveBack(key: string, lease: Lease): void {
    if (lease.lost || this.#closing.signal.aborted) return
    lease.idleSince = performance.now()
    const idle = this.#idle.get(key) ?? []
    idle.push(lease)
    this.#idle.set(key, idle)
    this.#sweeping ??= setInterval(() => this.#sweep(), this.#limits.idleMs / 2).unref()
  }

  #end(lease: Lease): void {
    this.#drop(lease)
    void lease.connection.close()
  }

  #drop(lease: Lease): void {
    lease.lost = true
    this.#all.delete(lease)
    lease.connection.retire()
    for (const [key, idle] of this.#idle) {
      const left = idle.filter((it) => it !== lease)
      if (left.length === 0) this.#idle.delete(key)
      else this.#idle.set(key, left)
    }
  }

  #sweep(): void {
    const before = performance.now() - this.#limits.idleMs
    for (const lease of [...this.#idle.values()].flat()) if (lease.idleSince <= before) this.#end(lease)
    if (this.#all.size > 0) return
    clearInterval(this.#sweeping)
    this.#sweeping = undefined
  }
}

/** All that the server is told of the client, and everything that dresses its requests. */
function keyOf({ principal, headers, capabilities, client }: Caller): string {
  return JSON.stringify([principal.issuer, principal.subject, headers, capabilities, client])
}
