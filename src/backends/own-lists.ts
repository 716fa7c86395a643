import type { Catalog } from '../core/catalog.ts'
import { GatewayError } from '../core/errors.ts'
import type { ListChange } from '../core/gateway.ts'
import type { Log } from '../core/log.ts'
import type { Offer, ReadyState, SessionViews } from '../core/ports.ts'
import { Gate } from './gate.ts'
import type { Connection } from './mcp/connection.ts'
import type { Limits } from './mcp/limits.ts'
import type { Listing } from './mcp/listing.ts'
import { mergedOffer } from './offer.ts'
import { type Beyond, beyond, joined } from './own-offer.ts'
import { EqualViews } from './personal/equal.ts'

/** The connection of a session, and since when it stands, by `performance.now()`. */
export interface Opened {
  readonly connection: Connection
  readonly since: number
}

interface Look {
  readonly opened: Opened
  /** Whether the session had just begun when its server said that something has changed. */
  readonly isSettling: boolean
  readonly look: NodeJS.Timeout
}

const NOTHING: Beyond = new Set()

export interface OwnListsOptions {
  readonly name: string
  readonly log: Log
  readonly limits: Pick<Limits, 'connectMs'>
  /** Lists over this connection. @throws when nothing can be listed */
  readonly list: (connection: Connection, signal: AbortSignal) => Promise<Listing>
  /** What all others are shown, and when its server last said that it has changed, by `performance.now()`. */
  readonly common: () => { readonly state: ReadyState | undefined; readonly toldAt: number }
  readonly tell: (session: string, change: ListChange) => void
}

/** Until then the others are listed again, who may be shown the same in a moment. */
const SOON_MS = 150
/** A change that everybody was told of this long before it came to a session is no change of that session. */
const SAME_NEWS_MS = 1_000
const AT_ONCE = { places: 4, holdMs: 2_000 }
/** What a server says this soon after a session has begun is about what the client has declared. */
const SETTLE_MS = 1_000
/** Of all different lists together, as JSON, in characters. */
const SIZE = 32 * 1024 * 1024
const LISTS: ReadonlyMap<ListChange['kind'], readonly (keyof Offer & keyof Catalog)[]> = new Map([
  ['tools', ['tools']],
  ['prompts', ['prompts']],
  ['resources', ['resources', 'templates']],
])

/**
 * What single client sessions are shown of a legacy backend. A session has a connection of its own, over stdio a
 * process of its own, and what a server says there to have changed may have changed for that session alone: then the
 * session is shown what its own connection lists, until the connection ends or lists what all are shown. What a server
 * does not list to a client that declares little, that client is shown like all others.
 */
export class OwnLists implements SessionViews {
  readonly #options: OwnListsOptions
  readonly #views = new Map<string, ReadyState>()
  readonly #looks = new Map<string, NodeJS.Timeout>()
  /** Of those that were looked at. */
  readonly #known = new Map<string, { readonly opened: Opened; readonly others: Beyond }>()
  /** With what all are shown. */
  #compared: Offer | undefined
  readonly #listeners = new Set<(session: string) => void>()
  readonly #equal = new EqualViews()
  readonly #gate = new Gate(AT_ONCE)

  constructor(options: OwnListsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#views.size
  }

  of(session: string): ReadyState | undefined {
    return this.#views.get(session)
  }

  hear(listener: (session: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The server says on the connection of a session that a list has changed. */
  doubt(session: string, opened: Opened): void {
    if (this.#looks.has(session)) return
    const isSettling = performance.now() - opened.since < SETTLE_MS
    const work = () => void this.#look(session, { opened, isSettling, look })
    const look = setTimeout(work, SOON_MS).unref()
    this.#looks.set(session, look)
  }

  /** Its connection is no more. */
  forget(session: string): void {
    clearTimeout(this.#looks.get(session))
    this.#looks.delete(session)
    this.#known.delete(session)
    this.#show(session, undefined)
  }

  /** All others are shown something else now, which may be what sessions were shown before them, or are to be too. */
  compare(): void {
    const offer = this.#options.common().state?.offer
    if (offer === undefined || offer === this.#compared) return
    this.#compared = offer
    for (const [session, view] of [...this.#views]) {
      if (mergedOffer(offer, view.offer) === offer) this.#show(session, undefined)
      else this.#doubtAgain(session)
    }
  }

  #doubtAgain(session: string): void {
    const known = this.#known.get(session)
    if (known !== undefined) this.doubt(session, known.opened)
  }

  async #look(session: string, { opened, isSettling, look }: Look): Promise<void> {
    const { common, list, limits, name, log } = this.#options
    try {
      const isNews = this.#views.has(session) || performance.now() - common().toldAt > SAME_NEWS_MS
      if (!isNews) return
      const { connection } = opened
      const { offer } = await this.#gate.pass(() => list(connection, AbortSignal.timeout(limits.connectMs)))
      const { state } = common()
      if (state === undefined || this.#looks.get(session) !== look) return
      // What cannot be listed now stays as it was.
      const listed = mergedOffer(this.#views.get(session)?.offer ?? state.offer, offer)
      const others = this.#known.get(session)?.others ?? (isSettling ? beyond(state.offer, listed) : NOTHING)
      this.#known.set(session, { opened, others })
      const own = mergedOffer(state.offer, joined(state.offer, listed, others))
      this.#show(session, own === state.offer ? undefined : this.#equal.ready(own, connection.server))
    } catch (error) {
      const { message } = GatewayError.from(error)
      log.debug({ backend: name, error: message }, 'cannot list what one session is shown')
    } finally {
      if (this.#looks.get(session) === look) this.#looks.delete(session)
    }
  }

  #show(session: string, view: ReadyState | undefined): void {
    const before = this.#views.get(session)
    if (view === before) return
    if (view !== undefined) this.#equal.hold(view)
    if (before !== undefined) this.#equal.release(before)
    const now = view !== undefined && this.#equal.size > SIZE ? this.#tooMuch(view) : view
    if (now === undefined) this.#views.delete(session)
    else this.#views.set(session, now)
    for (const listener of [...this.#listeners]) listener(session)
    this.#tell(session, before, now)
  }

  #tooMuch(view: ReadyState): undefined {
    this.#equal.release(view)
    const { log, name } = this.#options
    log.warn({ backend: name }, 'sessions are shown too many different lists: one is shown what all are')
  }

  #tell(session: string, before: ReadyState | undefined, now: ReadyState | undefined): void {
    const common = this.#options.common().state
    const [old, offer] = [before ?? common, now ?? common].map((it) => it?.offer)
    if (old === undefined || offer === undefined) return
    for (const [kind, lists] of LISTS) {
      const differs = lists.some((list) => mergedOffer(old, { [list]: offer[list] }) !== old)
      if (differs) this.#options.tell(session, { kind })
    }
  }
}
