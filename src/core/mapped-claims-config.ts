/** Claims of the caller in headers, and in a token of our own. */
export interface MappedClaimsConfig {
  readonly type: 'mapped_claims'
  readonly headers: readonly ClaimHeaderConfig[]
  readonly jwt?: AssertionConfig | undefined
}

export interface ClaimHeaderConfig {
  /** Its name, or a path with dots to it. */
  readonly claim: string
  readonly header: string
  /** Whether callers without the claim are refused. */
  readonly required: boolean
  /** `plain`: as it is, where a header can hold it; `percent`: as in URLs (RFC 3986 §2.1, UTF-8). */
  readonly encoding: 'plain' | 'percent'
  /** Between the items of a list. */
  readonly separator: string
}

/** A JWT that says who the caller is, signed by us. */
export interface AssertionConfig {
  readonly header: string
  /** With `{token}` in the place of the token. */
  readonly format: string
  readonly issuer: string
  readonly audience: string
  readonly lifetimeMs: number
  readonly algorithm: AssertionAlgorithm
  /** A private key as PEM (PKCS #8, SEC 1 or PKCS #1): itself, or the file that it is in. */
  readonly key: { readonly text: string; readonly place: string } | { readonly file: string }
  /** The RFC 7638 thumbprint of the public key where it is not said. */
  readonly keyId?: string | undefined
  /** What it says beside `sub`; names, or paths with dots. */
  readonly claims: readonly string[]
}

export const ASSERTION_ALGORITHMS = ['ES256', 'ES384', 'ES512', 'EdDSA', 'PS256', 'RS256'] as const

export type AssertionAlgorithm = (typeof ASSERTION_ALGORITHMS)[number]
