import type { Exchange, Result } from '../core/call.ts'
import type { Caller } from '../core/caller.ts'
import { GatewayError } from '../core/errors.ts'
import type { BackendRequest } from '../core/ports.ts'
import { ownerOf, Shares } from '../core/shares.ts'
import { inTime } from './cancelled.ts'
import type { Connection, Patron } from './mcp/connection.ts'
import { Failure } from './mcp/failure.ts'
import { notInTime, roomFor, type SessionsOptions } from './sessions.ts'
import { noRoom, noShare } from './shares.ts'

export type LeasesOptions = Omit<SessionsOptions, 'events'>

export interface LeaseLimits {
  /** Connections at the same time. */
  readonly room: number
  /** A connection that nobody has called over for this long is closed. */
  readonly idleMs: number
}

const IDLE_MS = 60_000

/** A call that wants a connection for itself. */
export interface LeaseCall {
  readonly request: BackendRequest
  readonly exchange: Exchange
  /** When its time began to run, by `performance.now()`. */
  readonly began: number
}

interface Lease {
  readonly connection: Connection
  /** Whom it speaks for. */
  readonly key: string
  readonly owner: string
  /** Its owner, as of the last call. */
  readonly patron: Patron
  idleSince: number
  lost: boolean
}

/**
 * Connections to a legacy backend that one call of a modern client has for itself at a time. The client has no
 * session to keep one for, and what such a server asks in the course of a call does not say which call it is.
 */
export class Leases {
  readonly #options: LeasesOptions
  readonly #limits: LeaseLimits
  /** By whom they speak for; the one used last is the last. */
  readonly #idle = new Map<string, Lease[]>()
  readonly #all = new Set<Lease>()
  readonly #shares: Shares
  readonly #closing = new AbortController()
  #opening = 0
  #sweeping: NodeJS.Timeout | undefined

  constructor(options: LeasesOptions, limits: Partial<LeaseLimits> = {}) {
    this.#options = options
    this.#limits = { room: roomFor(options.transport), idleMs: IDLE_MS, ...limits }
    this.#shares = new Shares(this.#limits.room)
  }

  /** @throws GatewayError */
  async run(call: LeaseCall): Promise<Result> {
    const { request, exchange, began } = call
    const idle = this.#idle.get(keyOf(request.caller))?.pop()
    if (idle === undefined) return this.#fresh(call)
    idle.patron.caller = request.caller
    try {
      return await this.#use(idle, () => idle.connection.run(request, exchange, began))
    } catch (error) {
      // It was gone before the request left.
      if (Failure.of(error)?.kind !== 'unsent') throw error
      return await this.#fresh(call)
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

  async #fresh({ request, exchange, began }: LeaseCall): Promise<Result> {
    const { name, terms } = this.#options
    const { timeoutMs } = terms
    this.#makeRoom(request.caller)
    const opening = this.#open(request.caller)
    const ms = began + timeoutMs - performance.now()
    const bounds = { signal: exchange.signal, ms, late: () => notInTime(name, timeoutMs) }
    const lease = await inTime(opening, bounds).catch((error: unknown) => {
      // Where the call was given up meanwhile, the next may have it.
      opening.then((late) => this.#giveBack(late)).catch(() => {})
      throw error
    })
    return this.#use(lease, () => lease.connection.run(request, exchange, began))
  }

  /** @throws GatewayError `unavailable` */
  #makeRoom({ principal }: Caller): void {
    const { room } = this.#limits
    const owner = ownerOf(principal)
    const most = this.#shares.most(owner)
    const isGreedy = this.#shares.of(owner) >= most
    const isFull = this.#all.size + this.#opening >= room
    if (!isGreedy && !isFull) return
    const [oldest] = [...this.#idle.values()]
      .flat()
      .filter((lease) => !isGreedy || lease.owner === owner)
      .sort((a, b) => a.idleSince - b.idleSince)
    const { name } = this.#options
    if (oldest === undefined) throw isFull ? noRoom(name, room) : noShare(name, most)
    this.#end(oldest)
  }

  async #open(caller: Caller): Promise<Lease> {
    const owner = ownerOf(caller.principal)
    this.#shares.take(owner)
    try {
      return await this.#dial(caller, owner)
    } catch (error) {
      this.#shares.giveBack(owner)
      throw error
    }
  }

  async #dial(caller: Caller, owner: string): Promise<Lease> {
    const { dialer, limits, name } = this.#options
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
    const patron = { caller }
    this.#opening++
    try {
      const signal = AbortSignal.any([closing, AbortSignal.timeout(limits.connectMs)])
      const connection = await dialer.session(patron, events, signal)
      if (closing.aborted) lost = new GatewayError('unavailable', `backend '${name}' is being closed`)
      lease = { connection, key: keyOf(caller), owner, patron, idleSince: 0, lost: false }
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
  async #use<T>(lease: Lease, work: () => Promise<T>): Promise<T> {
    let answered = false
    try {
      const result = await work()
      answered = true
      return result
    } catch (error) {
      answered = GatewayError.from(error).code === 'backend'
      throw error
    } finally {
      if (answered) this.#giveBack(lease)
      else this.#end(lease)
    }
  }

  #giveBack(lease: Lease): void {
    const { key, lost } = lease
    if (lost || this.#closing.signal.aborted) return
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
    if (this.#all.delete(lease)) this.#shares.giveBack(lease.owner)
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
