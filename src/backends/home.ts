import { setTimeout as sleep } from 'node:timers/promises'
import type { Era } from '../core/caller.ts'
import { GatewayError } from '../core/errors.ts'
import type { BackendState, Offer, ReadyState } from '../core/ports.ts'
import type { BackendOptions } from './backend.ts'
import { backoff } from './backoff.ts'
import type { Connection } from './mcp/connection.ts'

/** A connection that lived this long did not fail at once. */
const STEADY_MS = 10_000
/** Calls wait for a connection as long as no more attempts than these have failed in a row. */
const PATIENCE = 2
/** Changes that are announced within this are read in one go. */
const REFRESH_AFTER_MS = 50
const NOTHING: Offer = { tools: [], prompts: [], resources: [], templates: [] }

/** Keeps the one connection of a backend that lists, listens and serves everybody; and what is known of it. */
export class Home {
  readonly #options: BackendOptions
  readonly #closing = new AbortController()
  readonly #waiting = new Set<() => void>()
  readonly #ended: Promise<void>
  #state: BackendState = { status: 'connecting' }
  #connection: Connection | undefined
  #era: Era | undefined
  #failures = 0
  #refresh: NodeJS.Timeout | undefined
  #refreshing = false

  constructor(options: BackendOptions) {
    this.#options = options
    this.#ended = this.#keep()
  }

  get state(): BackendState {
    return this.#state
  }

  get connection(): Connection | undefined {
    return this.#connection
  }

  /** Of the server as it was last seen. */
  get era(): Era | undefined {
    return this.#era
  }

  /** @throws GatewayError `unavailable`, `timeout`, `cancelled` */
  async whenConnected(signal: AbortSignal): Promise<Connection> {
    const { name, timeoutMs } = this.#options.config
    const until = Date.now() + timeoutMs
    while (this.#connection === undefined) {
      if (signal.aborted) throw new GatewayError('cancelled', 'the call was cancelled')
      if (this.#closing.signal.aborted)
        throw new GatewayError('unavailable', `backend '${name}' is being closed`)
      if (this.#state.status === 'failed' && this.#failures > PATIENCE) throw this.#state.error
      const left = until - Date.now()
      if (left <= 0)
        throw new GatewayError('timeout', `backend '${name}' was not connected within ${timeoutMs} ms`)
      await this.#transition(signal, left)
    }
    return this.#connection
  }

  async close(): Promise<void> {
    this.#closing.abort()
    clearTimeout(this.#refresh)
    this.#wake()
    const connection = this.#connection
    this.#connection = undefined
    await Promise.all([connection?.close(), this.#ended])
  }

  async #keep(): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      const since = Date.now()
      const error = await this.#oneLife()
      if (signal.aborted) return
      this.#failures =
        Date.now() - since > STEADY_MS && this.#state.status === 'ready' ? 1 : this.#failures + 1
      this.#fail(error)
      await sleep(backoff(this.#failures), undefined, { signal, ref: false }).catch(() => {})
    }
  }

  /** From the attempt to connect to the end of the connection. @returns why it ended */
  async #oneLife(): Promise<GatewayError> {
    const lost = deferred<GatewayError>()
    try {
      await this.#options.gate.pass(() => this.#connect(lost.resolve))
    } catch (error) {
      return GatewayError.from(error)
    }
    return Promise.race([lost.promise, this.#closed()])
  }

  async #connect(lost: (error: GatewayError) => void): Promise<void> {
    const { dialer, limits } = this.#options
    const deadline = AbortSignal.timeout(limits.connectMs)
    const signal = AbortSignal.any([this.#closing.signal, deadline])
    try {
      let mine: Connection | undefined
      const onLost = (error: GatewayError) => {
        // At once, so that no further call is given to it.
        if (mine !== undefined && this.#connection === mine) this.#connection = undefined
        mine?.retire()
        lost(error)
      }
      mine = await dialer.home({ changed: () => this.#changed(), lost: onLost }, signal)
      await this.#list(mine, signal)
    } catch (error) {
      throw deadline.aborted ? this.#tooLate() : error
    }
  }

  async #list(connection: Connection, signal: AbortSignal): Promise<void> {
    try {
      this.#ready(connection, { ...NOTHING, ...(await connection.list(signal)) })
    } catch (error) {
      void connection.close()
      throw error
    }
  }

  #ready(connection: Connection, offer: Offer): void {
    const { server } = connection
    this.#connection = connection
    this.#era = server.era
    this.#replace({ status: 'ready', offer, server })
    const { tools, prompts, resources } = offer
    const counts = { tools: tools.length, prompts: prompts.length, resources: resources.length }
    const { config, log } = this.#options
    log.info(
      { backend: config.name, era: server.era, version: server.version, ...counts },
      'backend connected',
    )
  }

  #fail(error: GatewayError): void {
    const { config, log } = this.#options
    log.warn(
      { backend: config.name, failures: this.#failures, error: error.message },
      'backend not connected',
    )
    this.#replace({ status: 'failed', error, last: lastOf(this.#state) })
  }

  #replace(state: BackendState): void {
    this.#state = state
    this.#options.changed(this.#options.config.name)
    this.#wake()
  }

  #changed(): void {
    if (this.#closing.signal.aborted) return
    this.#refresh ??= setTimeout(() => void this.#relist(), REFRESH_AFTER_MS).unref()
  }

  /** What cannot be listed now stays as it was. */
  async #relist(): Promise<void> {
    this.#refresh = undefined
    if (this.#refreshing) return this.#changed()
    this.#refreshing = true
    const connection = this.#connection
    try {
      const fresh = await connection?.list(AbortSignal.timeout(this.#options.limits.connectMs))
      if (fresh !== undefined && connection === this.#connection) this.#update(fresh)
    } catch (error) {
      const { config, log } = this.#options
      log.warn({ backend: config.name, error: GatewayError.from(error).message }, 'cannot list it again')
    } finally {
      this.#refreshing = false
    }
  }

  #update(fresh: Partial<Offer>): void {
    const state = this.#state
    if (state.status !== 'ready') return
    const offer = { ...state.offer, ...fresh }
    if (JSON.stringify(offer) !== JSON.stringify(state.offer)) this.#replace({ ...state, offer })
  }

  #tooLate(): GatewayError {
    const { config, limits } = this.#options
    const message = `backend '${config.name}': it did not answer within ${limits.connectMs} ms`
    return new GatewayError('unavailable', message)
  }

  #wake(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const wake of waiting) wake()
  }

  async #transition(signal: AbortSignal, withinMs: number): Promise<void> {
    const over = AbortSignal.any([signal, AbortSignal.timeout(withinMs)])
    await new Promise<void>((resolve) => {
      this.#waiting.add(resolve)
      over.addEventListener('abort', () => resolve(), { once: true })
      over.addEventListener('abort', () => this.#waiting.delete(resolve), { once: true })
    })
  }

  async #closed(): Promise<GatewayError> {
    const { signal } = this.#closing
    if (!signal.aborted)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    return new GatewayError('unavailable', 'closed')
  }
}

function lastOf(state: BackendState): ReadyState | undefined {
  if (state.status === 'ready') return state
  return state.status === 'failed' ? state.last : undefined
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
