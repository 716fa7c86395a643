import type { Caller } from '../core/caller.ts'
import { GatewayError } from '../core/errors.ts'
import type { Aside, News } from '../core/gateway.ts'
import type { TransportType } from '../core/ports.ts'
import { ownerOf, Shares } from '../core/shares.ts'
import type { Dialer } from './dialer.ts'
import type { Connection, Patron } from './mcp/connection.ts'
import type { Limits } from './mcp/limits.ts'
import type { Opened } from './own-lists.ts'
import { noRoom, noShare } from './shares.ts'
import type { Terms } from './terms.ts'

export interface SessionsOptions {
  readonly name: string
  readonly transport: TransportType
  readonly dialer: Dialer
  readonly limits: Pick<Limits, 'connectMs'>
  readonly terms: Pick<Terms, 'timeoutMs'>
  readonly events: SessionEvents
}

/** What servers say on the connections of sessions. */
export interface SessionEvents {
  /** @param caller whose connection heard of it */
  changed(caller: Caller, session: string, opened: Opened | undefined): void
  /** Its connection is no more. */
  ended(session: string): void
  /** @returns whether somebody took it */
  aside(session: string, aside: Aside): boolean
}

/** Children of one backend for sessions of clients; every one is a process. */
const CHILDREN = 100
/** Others are little more than an id. */
const CONNECTIONS = 10_000

export function roomFor(transport: TransportType): number {
  return transport === 'stdio' ? CHILDREN : CONNECTIONS
}

export function notInTime(name: string, timeoutMs: number): GatewayError {
  const message = `backend '${name}' began no session for this client within ${timeoutMs} ms`
  return new GatewayError('timeout', message, { data: { backend: name } })
}

interface Entry {
  readonly connecting: Promise<Connection>
  readonly giveUp: AbortController
  readonly owner: string
  /** Its owner, as of the last call. */
  readonly patron: Patron
  connection: Connection | undefined
  /** Since when it stands, by `performance.now()`. */
  since: number
}

/** The connections to one legacy backend that belong to one client session each. */
export class Sessions {
  readonly #options: SessionsOptions
  readonly #entries = new Map<string, Entry>()
  readonly #room: number
  readonly #shares: Shares

  constructor(options: SessionsOptions) {
    this.#options = options
    this.#room = roomFor(options.transport)
    this.#shares = new Shares(this.#room)
  }

  /** The connection of a session whose owner is here now, where it stands already. @throws GatewayError `denied` */
  ready(session: string, caller: Caller): Connection | undefined {
    const entry = this.#entries.get(session)
    if (entry === undefined) return undefined
    this.#check(entry, caller)
    entry.patron.caller = caller
    return entry.connection
  }

  /** The same, made where there is none; its owner may have been here with a newer token since. @throws GatewayError */
  open(session: string, caller: Caller): Promise<Connection> {
    const entry = this.#entries.get(session)
    if (entry === undefined) return this.#begin(session, caller).connecting
    this.#check(entry, caller)
    return entry.connecting
  }

  /** Those that are being opened included. */
  get size(): number {
    return this.#entries.size
  }

  /** In progress, those that wait for their connection included. */
  get calls(): number {
    let calls = 0
    for (const { connection } of this.#entries.values()) calls += connection?.calls ?? 1
    return calls
  }

  tell(session: string, news: News): void {
    this.#entries.get(session)?.connection?.tell(news)
  }

  release(session: string): void {
    const entry = this.#entries.get(session)
    if (entry !== undefined) void this.#end(session, entry)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#entries].map(([session, entry]) => this.#end(session, entry)))
  }

  /** The front has judged this already; what is open in the name of one user is not for another, whoever errs. */
  #check({ patron, owner }: Entry, caller: Caller): void {
    if (caller.principal !== patron.caller.principal && ownerOf(caller.principal) !== owner)
      throw new GatewayError('denied', `backend '${this.#options.name}': the session is somebody else's`)
  }

  #begin(session: string, caller: Caller): Entry {
    const { name, dialer, limits, events } = this.#options
    const owner = ownerOf(caller.principal)
    if (this.#entries.size >= this.#room) throw noRoom(name, this.#room)
    if (this.#shares.of(owner) >= this.#shares.most(owner)) throw noShare(name, this.#shares.most(owner))
    const giveUp = new AbortController()
    const signal = AbortSignal.any([giveUp.signal, AbortSignal.timeout(limits.connectMs)])
    const lost = () => this.#forget(session, entry)
    const patron = { caller }
    const entry: Entry = {
      connecting: dialer.session(
        patron,
        {
          changed: () => events.changed(patron.caller, session, openedOf(entry)),
          aside: (aside) => events.aside(session, aside),
          lost,
        },
        signal,
      ),
      giveUp,
      owner,
      patron,
      connection: undefined,
      since: 0,
    }
    this.#entries.set(session, entry)
    this.#shares.take(owner)
    entry.connecting.then((connection) => {
      entry.connection = connection
      entry.since = performance.now()
    }, lost)
    return entry
  }

  async #end(session: string, entry: Entry): Promise<void> {
    this.#remove(session, entry)
    entry.giveUp.abort()
    const connection = await entry.connecting.catch(() => undefined)
    await connection?.close()
  }

  #forget(session: string, entry: Entry): void {
    if (this.#remove(session, entry)) entry.connection?.retire()
  }

  #remove(session: string, entry: Entry): boolean {
    if (this.#entries.get(session) !== entry) return false
    this.#entries.delete(session)
    this.#shares.giveBack(entry.owner)
    this.#options.events.ended(session)
    return true
  }
}

function openedOf({ connection, since }: Entry): Opened | undefined {
  return connection && { connection, since }
}
