import { isDeepStrictEqual } from 'node:util'
import type { BackendConfig } from '../core/config.ts'
import type { GatewayError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { type BackendState, lastReady, type ServerFacts } from '../core/ports.ts'
import { Failure } from './mcp/failure.ts'
import type { Listing } from './mcp/listing.ts'
import { expired, isFresh, mergedOffer } from './offer.ts'

interface KnownOptions {
  readonly config: Pick<BackendConfig, 'name'>
  readonly log: Log
  /** The state was replaced. */
  readonly changed: () => void
}

/** What is known of a backend, and said in the log when it becomes another thing. */
export class Known {
  readonly #options: KnownOptions
  #state: BackendState = { status: 'connecting' }

  constructor(options: KnownOptions) {
    this.#options = options
  }

  get state(): BackendState {
    return this.#state
  }

  /** It is connected, and this is what it has. */
  ready(server: ServerFacts, listing: Listing): void {
    const offer = mergedOffer(lastReady(this.#state)?.offer, listing.offer)
    this.#replace({ status: 'ready', offer, freshness: listing.freshness, server })
    const { tools, prompts, resources } = offer
    const counts = { tools: tools.length, prompts: prompts.length, resources: resources.length }
    this.#options.log.info(
      { ...this.#fields, era: server.era, version: server.version, ...counts },
      'backend connected',
    )
  }

  /** It is there, and wants credentials that only callers have. @returns whether that is news */
  reserved(error: GatewayError): boolean {
    const isNews = this.#state.status !== 'reserved'
    this.#replace({ status: 'reserved', error })
    if (isNews)
      this.#options.log.info(this.#fields, 'backend is there, and shows what it has to callers alone')
    return isNews
  }

  /** @param failures in a row @returns what was known until then */
  failed(error: GatewayError, failures: number): BackendState {
    const before = this.#state
    const { log } = this.#options
    const fields = { ...this.#fields, failures, error: error.message, ...Failure.of(error)?.facts }
    // The same failure over and over is news only once.
    if (before.status === 'failed' && before.error.message === error.message)
      log.debug(fields, 'backend not connected')
    else log.warn(error.code === 'internal' ? { ...fields, err: error } : fields, 'backend not connected')
    this.#replace({ status: 'failed', error, last: lastReady(before) })
    return before
  }

  /** What was listed may not be what there is. */
  expire(): void {
    const state = this.#state
    if (state.status === 'ready' && isFresh(state.freshness))
      this.#replace({ ...state, freshness: expired(state.freshness) })
  }

  /** It was listed again. */
  update({ offer: fresh, freshness }: Listing): void {
    const state = this.#state
    if (state.status !== 'ready') return
    const offer = mergedOffer(state.offer, fresh)
    if (offer !== state.offer || !isDeepStrictEqual(freshness, state.freshness))
      this.#replace({ ...state, offer, freshness })
  }

  get #fields(): { readonly backend: string } {
    return { backend: this.#options.config.name }
  }

  #replace(state: BackendState): void {
    this.#state = state
    this.#options.changed()
  }
}
