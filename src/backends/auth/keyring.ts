import { isDeepStrictEqual } from 'node:util'
import type { TokenCacheConfig } from '../../core/outgoing-auth-config.ts'
import { Fetcher, type FetchPolicy } from '../../net/fetcher.ts'
import { Tokens } from './tokens.ts'

/** What the credentials of all backends have in common. */
export class Keyring {
  readonly tokens: Tokens
  readonly #fetchers: { readonly policy: FetchPolicy; readonly fetcher: Fetcher }[] = []

  constructor(config: TokenCacheConfig) {
    this.tokens = new Tokens(config)
  }

  /** What asks identity providers, one for all that have the same policy. @throws GatewayError `config` */
  fetcher(policy: FetchPolicy): Fetcher {
    const known = this.#fetchers.find((it) => isDeepStrictEqual(it.policy, policy))
    if (known !== undefined) return known.fetcher
    const fetcher = new Fetcher(policy)
    this.#fetchers.push({ policy, fetcher })
    return fetcher
  }

  async close(): Promise<void> {
    await Promise.all(this.#fetchers.map(({ fetcher }) => fetcher.close()))
  }
}
