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

/** How long a list holds is another matter for each caller, and no list is for anybody else. */
const OWN: Freshness = { until: 0, scope: 'private' }
const FRESHNESS: Freshnesses = { tools: OWN, prompts: OWN, resources: OWN, templates: OWN }

/**
 * Makes equal what is equal: callers who are shown the same share one object, and with it whatever is made of it. It
 * is forgotten when the last of them has gone.
 */
export class EqualViews {
  readonly #known = new Map<string, WeakRef<BackendState>>()
  readonly #numbers = new WeakMap<BackendState, number>()
  readonly #gone = new FinalizationRegistry<string>((key) => {
    if (this.#known.get(key)?.deref() === undefined) this.#known.delete(key)
  })
  #last = 0

  get size(): number {
    return this.#known.size
  }

  ready(offer: Offer, server: ServerFacts): ReadyState {
    const key = hash('sha256', JSON.stringify([offer, server]), 'base64')
    return this.#one(key, () => ({ status: 'ready', offer, server, freshness: FRESHNESS }))
  }

  /** Of the error it keeps what a client is told. */
  failed({ code, message }: GatewayError, last: ReadyState | undefined): FailedState {
    const key = JSON.stringify([code, message, last && this.#numbers.get(last)])
    return this.#one(key, () => ({ status: 'failed', error: new GatewayError(code, message), last }))
  }

  #one<State extends BackendState>(key: string, make: () => State): State {
    const known = this.#known.get(key)?.deref()
    if (known !== undefined) return known as State
    const made = make()
    this.#known.set(key, new WeakRef(made))
    this.#numbers.set(made, ++this.#last)
    this.#gone.register(made, key)
    return made
  }
}
