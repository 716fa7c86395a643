import type { Era } from '../core/caller.ts'
import type { JsonObject } from '../core/catalog.ts'
import type { BackendConfig } from '../core/config.ts'
import { GatewayError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { createCredentials, type Keyring } from './auth/index.ts'
import { createDress } from './dress.ts'
import type { Channel } from './mcp/channel.ts'
import type { Connection, ConnectionEvents, ConnectOptions, Patron, Peer, Site } from './mcp/connection.ts'
import { Failure } from './mcp/failure.ts'
import { HttpChannel } from './mcp/http/channel.ts'
import type { Dress } from './mcp/http/dress.ts'
import { Origin } from './mcp/http/origin.ts'
import type { Limits } from './mcp/limits.ts'
import { capabilitiesFor } from './mcp/meta.ts'
import type { Negotiated, Verdict } from './mcp/probe.ts'
import { connectAs, negotiate } from './mcp/probe.ts'
import { SseChannel } from './mcp/sse/channel.ts'
import { StdioChannel } from './mcp/stdio/channel.ts'
import type { Children } from './mcp/stdio/children.ts'

export interface DialerOptions {
  readonly config: BackendConfig
  readonly version: string
  readonly limits: Limits
  readonly children: Children
  readonly keyring: Keyring
  readonly log: Log
  /** There are credentials for it after there were none. */
  readonly renewed?: () => void
}

/** What was found out about a legacy server, until it is to be found out again. */
interface Knowledge {
  /** It speaks the old HTTP+SSE. */
  readonly sse: boolean
  readonly until: number
}

interface Sockets {
  readonly origin: Origin
  readonly dress: Dress
}

/** A connection that is to be made, before there is a channel for it. */
type Plan = Omit<ConnectOptions, 'channel'>

const KNOWLEDGE_MS = 10 * 60_000
const LEGACY: Verdict = { era: 'legacy', known: false }
/**
 * Declared where no client is behind the connection yet, so that tools that want one of these are listed.
 * A request for one is put to the client of the call, who may not have it.
 */
const EVERYTHING: JsonObject = {
  roots: {},
  sampling: { tools: {}, context: {} },
  elicitation: { form: {}, url: {} },
  extensions: {
    'io.modelcontextprotocol/tasks': {},
    'io.modelcontextprotocol/ui': { mimeTypes: ['text/html;profile=mcp-app'] },
  },
}

/** Makes connections to one backend. */
export class Dialer {
  readonly #options: DialerOptions
  readonly #site: Site
  #opened: Sockets | undefined
  #knowledge: Knowledge | undefined
  #lateReplies = 0
  readonly #late = (): void => {
    this.#lateReplies++
  }

  constructor(options: DialerOptions) {
    this.#options = options
    this.#site = this.#newSite(options.log)
  }

  /** Whether the credentials are the caller's, so that each may see something else. */
  get ofCaller(): boolean {
    return this.#options.config.transport !== 'stdio' && this.#sockets().dress.credentials.ofCaller
  }

  /** Of all connections that were made here. */
  get lateReplies(): number {
    return this.#lateReplies
  }

  /** The connection that lists and listens. @throws GatewayError */
  async home(events: ConnectionEvents, signal: AbortSignal): Promise<Connection> {
    return this.#dial(
      { site: this.#site, peer: this.#own(), home: true, hears: true, patron: undefined, events },
      signal,
    )
  }

  /** A connection of one client session's own, to a legacy server. @throws GatewayError */
  async session(patron: Patron, events: ConnectionEvents, signal: AbortSignal): Promise<Connection> {
    const { caller } = patron
    const peer: Peer = { info: caller.client, capabilities: capabilitiesFor('legacy', caller) }
    const options = { site: this.#site, peer, home: false, hears: false, patron, events }
    return this.#dialLegacy(options, signal)
  }

  /** A connection of one user's own, for whatever client they call with. @throws GatewayError */
  async personal(patron: Patron, events: ConnectionEvents, signal: AbortSignal): Promise<Connection> {
    const { debug } = this.#site.log
    // What one user is shown is no news for the operator.
    const site = this.#newSite({ debug, info: debug, warn: debug, error: debug })
    return this.#dial({ site, peer: this.#own(), home: true, hears: false, patron, events }, signal)
  }

  async close(): Promise<void> {
    await Promise.all([this.#opened?.origin.close(), this.#opened?.dress.credentials.close?.()])
  }

  #newSite(log: Log): Site {
    const { config, limits } = this.#options
    return {
      name: config.name,
      get timeoutMs() {
        return config.timeoutMs
      },
      get extendMs() {
        return config.resilience?.extendMs
      },
      limits,
      log,
      complaints: new Map(),
    }
  }

  #own(): Peer {
    return { info: { name: 'vmcp', version: this.#options.version }, capabilities: EVERYTHING }
  }

  #dial(plan: Plan, signal: AbortSignal): Promise<Connection> {
    const { transport, era } = this.#options.config
    if (transport === 'sse' || era === 'legacy') return this.#dialLegacy(plan, signal)
    if (era === 'modern') return this.#connect(plan, 'modern', signal)
    return this.#known() ? this.#dialKnown(plan, signal) : this.#dialUnknown(plan, signal)
  }

  /** What is known may be of a server that was replaced since: where it does not help, it is found out again. */
  async #dialKnown(plan: Plan, signal: AbortSignal): Promise<Connection> {
    try {
      return await this.#dialLegacy(plan, signal)
    } catch (error) {
      this.#knowledge = undefined
      throw error
    }
  }

  async #dialUnknown(plan: Plan, signal: AbortSignal): Promise<Connection> {
    const { connection, verdict } = await this.#withFallback(plan, signal, () =>
      this.#over(this.#open(), (channel) => negotiate({ ...plan, channel }, signal)),
    )
    if (verdict.era === 'legacy' && verdict.known) this.#learn(this.#knowledge?.sse ?? false)
    return connection ?? this.#dialLegacy(plan, signal)
  }

  async #dialLegacy(plan: Plan, signal: AbortSignal): Promise<Connection> {
    if (this.#options.config.transport === 'sse' || this.#knowledge?.sse) return this.#dialSse(plan, signal)
    const { connection } = await this.#withFallback(plan, signal, async () => ({
      connection: await this.#connect(plan, 'legacy', signal),
      verdict: LEGACY,
    }))
    return connection as Connection
  }

  #connect(plan: Plan, era: Era, signal: AbortSignal): Promise<Connection> {
    return this.#over(this.#open(), (channel) => connectAs(era, { ...plan, channel }, signal))
  }

  /** Where POST is refused there may be a server of the old HTTP+SSE (MCP 2025-11-25, Backwards Compatibility). */
  async #withFallback(plan: Plan, signal: AbortSignal, dial: () => Promise<Negotiated>): Promise<Negotiated> {
    try {
      return await dial()
    } catch (error) {
      if (this.#options.config.transport !== 'streamable-http' || !isMaybeSse(Failure.of(error))) throw error
      // What the POST was told says more than what the GET was.
      const connection = await this.#dialSse(plan, signal).catch(() => Promise.reject(error))
      this.#learn(true)
      return { connection, verdict: LEGACY }
    }
  }

  async #dialSse(plan: Plan, signal: AbortSignal): Promise<Connection> {
    const { name, limits, log } = this.#site
    const { origin, dress } = this.#sockets()
    const caller = plan.patron?.caller
    try {
      const options = { name, log, limits, late: this.#late, origin, dress, caller }
      const channel = await SseChannel.open(options, signal)
      return await this.#over(channel, (it) => connectAs('legacy', { ...plan, channel: it }, signal))
    } catch (error) {
      throw error instanceof Failure ? error.toError(name) : error
    }
  }

  #open(): Channel {
    const { config, limits, children, log } = this.#options
    const late = this.#late
    if (config.transport === 'stdio') return new StdioChannel({ config, children, limits, late, log })
    const { origin, dress } = this.#sockets()
    return new HttpChannel({ name: config.name, endpoint: origin, dress, limits, late, log })
  }

  #sockets(): Sockets {
    this.#opened ??= openSockets(this.#options)
    return this.#opened
  }

  /** The channel is closed where nothing comes of it. */
  async #over<T extends Connection | Negotiated>(
    channel: Channel,
    connect: (channel: Channel) => Promise<T>,
  ): Promise<T> {
    let made: T | undefined
    try {
      made = await connect(channel)
      return made
    } finally {
      if (made === undefined || ('connection' in made && made.connection === undefined)) await channel.close()
    }
  }

  #known(): boolean {
    return this.#knowledge !== undefined && performance.now() < this.#knowledge.until
  }

  #learn(sse: boolean): void {
    this.#knowledge = { sse, until: performance.now() + KNOWLEDGE_MS }
  }
}

function openSockets({ config, keyring, log, renewed }: DialerOptions): Sockets {
  if (config.transport === 'stdio') throw new GatewayError('internal', 'a process has no sockets')
  const { name: backend, url, caBundlePath, auth } = config
  const credentials = createCredentials(auth, { backend, url, caBundlePath, keyring, log, renewed })
  return { origin: new Origin(config), dress: createDress(config, credentials) }
}

function isMaybeSse(failure: Failure | undefined): boolean {
  return failure?.status === 400 || failure?.status === 404 || failure?.status === 405
}
