import { hash } from 'node:crypto'
import { GatewayError } from '../../core/errors.ts'
import type {
  BackendState,
  Freshness,
  Freshnesses,
  Offer,
  ReadyState,
  ServerFacts,
} from '../../core/ports.ts'

type FailedState = Extract<BackendState, { status: 'failed' }>

interface About {
  readonly key: string
  /** As JSON, in characters. */
  readonly size: number
  holders: number
}

/** How long a list holds is another matter for each caller, and no list is for anybody else. */
const OWN: Freshness = { until: 0, scope: 'private' }
const FRESHNESS: Freshnesses = { tools: OWN, prompts: OWN, resources: OWN, templates: OWN }

/**
 * Makes equal what is equal: callers who are shown the same hold one object, and with it share whatever is made of it.
 * What nobody holds is forgotten.
 */
export class EqualViews {
  readonly #known = new Map<string, BackendState>()
  readonly #about = new WeakMap<BackendState, About>()
  #size = 0

  /** Of all that is held, in characters. */
  get size(): number {
    return this.#size
  }

  /** Different views that are held. */
  get count(): number {
    return this.#known.size
  }

  /** To be held. */
  ready(offer: Offer, server: ServerFacts): ReadyState {
    const text = JSON.stringify([offer, server])
    const make = (): ReadyState => ({ status: 'ready', offer, server, freshness: FRESHNESS })
    return this.#one(hash('sha256', text, 'base64'), text.length, make)
  }

  /** To be held. Of the error it keeps what a client is told. */
  failed({ code, message }: GatewayError, last: ReadyState | undefined): FailedState {
    const key = JSON.stringify([code, message, last && this.#about.get(last)?.key])
    return this.#one(key, key.length, () => ({
      status: 'failed',
      error: new GatewayError(code, message),
      last,
    }))
  }

  hold(view: BackendState): void {
    if (view.status === 'failed' && view.last !== undefined) this.hold(view.last)
    const about = this.#about.get(view)
    if (about === undefined || about.holders++ > 0) return
    this.#known.set(about.key, view)
    this.#size += about.size
  }

  release(view: BackendState): void {
    if (view.status === 'failed' && view.last !== undefined) this.release(view.last)
    const about = this.#about.get(view)
    if (about === undefined || --about.holders > 0) return
    this.#known.delete(about.key)
    this.#size -= about.size
  }

  /** Whether nobody else is shown it. */
  isOnes(view: BackendState): boolean {
    return this.#about.get(view)?.holders === 1
  }

  #one<State extends BackendState>(key: string, size: number, make: () => State): State {
    const known = this.#known.get(key)
    if (known !== undefined) return known as State
    const made = make()
    this.#about.set(made, { key, size, holders: 0 })
    return made
  }
}
