import type { Exchange, Result } from '../core/call.ts'
import type { Caller } from '../core/caller.ts'
import type { BackendRequest } from '../core/ports.ts'
import { orCancelled } from './cancelled.ts'
import type { Connection } from './mcp/connection.ts'
import { Failure } from './mcp/failure.ts'
import { checkRoom, type SessionsOptions } from './sessions.ts'

/** A connection that nobody has called over for this long is closed. */
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
  /** By whom they speak for; the one used last is the last. */
  readonly #idle = new Map<string, Lease[]>()
  readonly #all = new Set<Lease>()
  readonly #closing = new AbortController()
  #sweeping: NodeJS.Timeout | undefined

  constructor(options: SessionsOptions) {
    this.#options = options
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
      this.#drop(idle)
      return await this.#fresh(key, request, exchange)
    }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    clearInterval(this.#sweeping)
    this.#idle.clear()
    await Promise.all([...this.#all].map(({ connection }) => connection.close()))
  }

  async #fresh(key: string, request: BackendRequest, exchange: Exchange): Promise<Result> {
    checkRoom(this.#options, this.#all.size)
    const lease = await orCancelled(this.#open(request.caller), exchange.signal)
    return this.#use(key, lease, () => lease.connection.run(request, exchange))
  }

  async #open(caller: Caller): Promise<Lease> {
    const { dialer, connectMs } = this.#options
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(connectMs)])
    let lost = false
    const events = {
      changed() {},
      aside: () => false,
      lost: () => {
        lost = true
        if (lease !== undefined) this.#drop(lease)
      },
    }
    let lease: Lease | undefined
    const connection = await dialer.session(caller, events, signal)
    lease = { connection, idleSince: 0, lost }
    this.#all.add(lease)
    return lease
  }

  async #use<T>(key: string, lease: Lease, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } finally {
      this.#giveBack(key, lease)
    }
  }

  #giveBack(key: string, lease: Lease): void {
    if (lease.lost || this.#closing.signal.aborted) return
    lease.idleSince = Date.now()
    const idle = this.#idle.get(key) ?? []
    idle.push(lease)
    this.#idle.set(key, idle)
    this.#sweeping ??= setInterval(() => this.#sweep(), IDLE_MS / 2).unref()
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
    const before = Date.now() - IDLE_MS
    for (const lease of [...this.#idle.values()].flat()) {
      if (lease.idleSince > before) continue
      this.#drop(lease)
      void lease.connection.close()
    }
    if (this.#all.size > 0) return
    clearInterval(this.#sweeping)
    this.#sweeping = undefined
  }
}

/** All that the server is told of the client, and everything that dresses its requests. */
function keyOf({ principal, headers, capabilities, client }: Caller): string {
  return JSON.stringify([principal.issuer, principal.subject, headers, capabilities, client])
}
