import { createLocalJWKSet, type JSONWebKeySet, type JWK, type JWTVerifyGetKey } from 'jose'
import { isObject } from '../../../core/json.ts'
import type { Fetcher } from '../../../net/fetcher.ts'
import { Refreshing } from './refreshing.ts'

export interface KeysOptions {
  readonly fetcher: Fetcher
  /** Where they are. */
  readonly locate: () => Promise<string>
  readonly onFailed: (error: unknown) => void
}

const MAX_BYTES = 256 * 1024
const MAX_KEYS = 100
const MAX_AGE_MS = 10 * 60_000
/** How long the keys outlive an issuer that cannot be reached. */
const MAX_STALE_MS = 24 * 60 * 60_000
const RETRY_MS = 5_000
/** Tokens by keys that are not known make us look for new ones: some at once, and then one in so long. */
const LOOKS = 5
const LOOK_EVERY_MS = 10_000
const MIN_RSA_BITS = 2048
/** To verify with a larger one takes long; so it does with an exponent that is not small. */
const MAX_RSA_BITS = 8192
const MAX_EXPONENT_LETTERS = 8

/** The keys that the issuer signs with (RFC 7517). */
export class Keys {
  readonly #set: Refreshing<JWTVerifyGetKey>
  #looks = LOOKS
  #lookedAt = performance.now()

  constructor({ fetcher, locate, onFailed }: KeysOptions) {
    this.#set = new Refreshing({
      load: async () => readKeys(await fetcher.json(await locate(), { maxBytes: MAX_BYTES })),
      maxAgeMs: MAX_AGE_MS,
      maxStaleMs: MAX_STALE_MS,
      retryMs: RETRY_MS,
      onFailed,
    })
  }

  /** @throws Error which says why there are none */
  get(): Promise<JWTVerifyGetKey> {
    return this.#set.get()
  }

  /** The keys of now, where it was not asked for them too often; the issuer may have new ones. @throws as `get` */
  async look(): Promise<JWTVerifyGetKey | undefined> {
    const now = performance.now()
    const more = Math.floor((now - this.#lookedAt) / LOOK_EVERY_MS)
    if (more > 0) {
      this.#looks = Math.min(LOOKS, this.#looks + more)
      this.#lookedAt += more * LOOK_EVERY_MS
    }
    if (this.#looks === 0) return undefined
    this.#looks--
    return this.#set.reload()
  }
}

/** Takes what can verify a signature and leaves the rest. @throws Error */
export function readKeys(document: unknown): JWTVerifyGetKey {
  const keys = isObject(document) ? document['keys'] : undefined
  if (!Array.isArray(keys)) throw new Error('the key set is no JSON object with a list of keys')
  if (keys.length > MAX_KEYS) throw new Error(`the key set has more than ${MAX_KEYS} keys`)
  const usable = keys.filter(isUsable)
  if (usable.length === 0)
    throw new Error('the key set has no public key that signatures can be verified with')
  const set: JSONWebKeySet = { keys: usable }
  return createLocalJWKSet(set)
}

/** A symmetric key would be no secret here, and neither would a private one. */
function isUsable(key: unknown): key is JWK {
  if (!isObject(key) || 'd' in key || 'k' in key || 'priv' in key) return false
  if (key['use'] !== undefined && key['use'] !== 'sig') return false
  if (key['kty'] === 'RSA') return isSoundRsa(key['n'], key['e'])
  return key['kty'] === 'EC' || key['kty'] === 'OKP'
}

function isSoundRsa(modulus: unknown, exponent: unknown): boolean {
  if (typeof modulus !== 'string' || typeof exponent !== 'string') return false
  const bits = modulus.length * 6
  return bits >= MIN_RSA_BITS && bits <= MAX_RSA_BITS + 8 && exponent.length <= MAX_EXPONENT_LETTERS
}
