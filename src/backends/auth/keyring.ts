import { isDeepStrictEqual } from 'node:util'
import type { Log } from '../../core/log.ts'
import type { TokenCacheConfig } from '../../core/outgoing-auth-config.ts'
import { Fetcher, type FetchPolicy } from '../../net/fetcher.ts'
import { SharedTokens } from './shared-tokens.ts'
import { Tokens } from './tokens.ts'

/** What the credentials of all backends have in common. */
export class Keyring {
  readonly tokens: Tokens
  readonly #log: Log
  #redis: TokenCacheConfig['redis']
  #shared: SharedTokens | undefined
  readonly #fetchers: { readonly policy: FetchPolicy; readonly fetcher: Fetcher }[] = []

  constructor({ maxEntries, ttlOffsetMs, redis }: TokenCacheConfig, log: Log) {
    this.#log = log
    this.#redis = redis
    this.#shared = redis && new SharedTokens(redis, log)
    this.tokens = new Tokens({ maxEntries, ttlOffsetMs, shared: this.#shared })
  }

  /** Keeps tokens in another way from now on. Those that it has are good still. */
  tune({ maxEntries, ttlOffsetMs, redis }: TokenCacheConfig): void {
    if (!isDeepStrictEqual(redis, this.#redis)) {
      void this.#shared?.close()
      this.#redis = redis
      this.#shared = redis && new SharedTokens(redis, this.#log)
    }
    this.tokens.tune({ maxEntries, ttlOffsetMs, shared: this.#shared })
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
    await Promise.all([this.#shared?.close(), ...this.#fetchers.map(({ fetcher }) => fetcher.close())])
  }
}
