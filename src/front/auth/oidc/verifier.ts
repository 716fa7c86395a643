import type { JsonObject } from '../../../core/catalog.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { OidcConfig } from '../../../core/incoming-auth-config.ts'
import type { Log } from '../../../core/log.ts'
import { Fetcher } from '../../../net/fetcher.ts'
import { invalidToken } from './bearer.ts'
import { discover, type IssuerMetadata, spellings } from './discovery.ts'
import { principalOf } from './identity.ts'
import { Introspection } from './introspection.ts'
import { isJwt, JwtVerifier } from './jwt.ts'
import { Keys } from './keys.ts'
import { Refreshing } from './refreshing.ts'
import type { Remembered } from './remembered.ts'

const METADATA_AGE_MS = 60 * 60_000
const METADATA_STALE_MS = 24 * METADATA_AGE_MS
const RETRY_MS = 5_000
/** So often a JWT is verified anew, in case its key was withdrawn. */
const JWT_MS = 10 * 60_000

/** Tells what a token is worth, whatever it takes. */
export class Verifier {
  readonly #config: OidcConfig
  readonly #log: Log
  readonly #fetcher: Fetcher
  readonly #metadata: Refreshing<IssuerMetadata>
  readonly #jwts: JwtVerifier
  readonly #introspection: Introspection | undefined

  /** @throws GatewayError `config` */
  constructor(config: OidcConfig, log: Log) {
    const { issuer, introspection } = config
    this.#config = config
    this.#log = log
    this.#fetcher = new Fetcher(config)
    const onFailed = this.#warn
    const fetcher = this.#fetcher
    const rules = { ...config, issuers: spellings(issuer) }
    this.#metadata = new Refreshing({
      load: () => discover(issuer, fetcher),
      maxAgeMs: METADATA_AGE_MS,
      maxStaleMs: METADATA_STALE_MS,
      retryMs: RETRY_MS,
      onFailed,
    })
    const keys = new Keys({ fetcher, onFailed, locate: () => this.#locate(config.jwksUrl, 'jwksUrl') })
    this.#jwts = new JwtVerifier(keys, rules)
    const locate = () => this.#locate(introspection?.url, 'introspectionUrl')
    this.#introspection =
      introspection && new Introspection({ config: introspection, fetcher, locate, rules })
  }

  /** @throws GatewayError `unauthenticated`; `unavailable` where the issuer cannot be asked */
  async verify(token: string): Promise<Remembered> {
    try {
      return isJwt(token) ? await this.#verifyJwt(token) : await this.#introspect(token)
    } catch (error) {
      if (error instanceof GatewayError) throw error
      this.#warn(error)
      throw new GatewayError(
        'unavailable',
        'access tokens cannot be verified now: the issuer cannot be asked',
        {
          cause: error,
        },
      )
    }
  }

  close(): Promise<void> {
    return this.#fetcher.close()
  }

  async #verifyJwt(token: string): Promise<Remembered> {
    const claims = await this.#jwts.verify(token)
    return this.#remember(token, claims, JWT_MS)
  }

  async #introspect(token: string): Promise<Remembered> {
    const introspection = this.#config.introspection
    if (this.#introspection === undefined || introspection === undefined) throw notAccepted()
    return this.#remember(token, await this.#introspection.verify(token), introspection.cacheMs)
  }

  #remember(token: string, claims: JsonObject, forMs: number): Remembered {
    const { exp } = claims
    const { issuer, scopes, clockSkewMs } = this.#config
    return {
      principal: principalOf(token, claims, { issuer, implies: scopes.implies }),
      expires: typeof exp === 'number' ? exp * 1000 + clockSkewMs : Number.POSITIVE_INFINITY,
      until: performance.now() + forMs,
    }
  }

  async #locate(configured: string | undefined, key: 'jwksUrl' | 'introspectionUrl'): Promise<string> {
    const url = configured ?? (await this.#metadata.get())[key]
    if (url === undefined && key === 'introspectionUrl') throw notAccepted()
    if (url === undefined) throw new Error(`the metadata of the issuer has no ${key}`)
    return url
  }

  /** The reason names addresses, which are the operator's. */
  #warn = (error: unknown): void => {
    this.#log.warn(
      { reason: (error as Error).message },
      'the issuer of access tokens does not answer as it should',
    )
  }
}

function notAccepted(): GatewayError {
  return invalidToken('the access token is no JWT, and no others are accepted')
}
