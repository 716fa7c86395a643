import type { AwsStsConfig } from './aws-sts-config.ts'
import type { RedisConfig } from './limits.ts'
import type { MappedClaimsConfig } from './mapped-claims-config.ts'
import type { OAuthConfig } from './oauth-config.ts'

/** How we authenticate to one backend. */
export type OutgoingAuthConfig =
  | { readonly type: 'unauthenticated' }
  | HeaderInjectionConfig
  | PassThroughConfig
  | AwsStsConfig
  | MappedClaimsConfig
  | TokenExchangeConfig
  | ClientCredentialsConfig
  | XaaConfig
  | OAuthConfig

/** One header, the same for everybody. */
export interface HeaderInjectionConfig {
  readonly type: 'header_injection'
  readonly headerName: string
  readonly headerValue: string
}

/** The caller's own token is sent on. */
export interface PassThroughConfig {
  readonly type: 'pass_through'
}

/** The caller's token is exchanged for one of the backend (RFC 8693). */
export interface TokenExchangeConfig {
  readonly type: 'token_exchange'
  readonly endpoint: TokenEndpointConfig
  /** What the token is to be good for: the logical name, or the URL (RFC 8693 §2.1). */
  readonly audience?: string | undefined
  readonly resource?: string | undefined
  readonly scopes: readonly string[]
  /** A token type URI (RFC 8693 §3). */
  readonly subjectTokenType: string
}

/** A token of the gateway itself (RFC 6749 §4.4). */
export interface ClientCredentialsConfig {
  readonly type: 'client_credentials'
  readonly endpoint: TokenEndpointConfig
  readonly audience?: string | undefined
  readonly resource?: string | undefined
  readonly scopes: readonly string[]
}

/** The identity provider vouches for the caller to the target's authorization server (ID-JAG, RFC 7523). */
export interface XaaConfig {
  readonly type: 'xaa'
  readonly idp: TokenEndpointConfig
  readonly target: TokenEndpointConfig
  /** The issuer of the target's authorization server. */
  readonly audience: string
  readonly resource?: string | undefined
  readonly scopes: readonly string[]
  /** A token type URI (RFC 8693 §3). */
  readonly subjectTokenType: string
}

/** A token endpoint, and who we are there. */
export interface TokenEndpointConfig {
  readonly url: string
  /** Whether it may be plain HTTP beyond this machine. */
  readonly allowHttp: boolean
  /** PEM file with authorities that are trusted beside the usual ones. */
  readonly caBundlePath?: string | undefined
  /** Absent where the endpoint asks for no client. */
  readonly client?: OAuthClientConfig | undefined
}

export interface OAuthClientConfig {
  readonly id: string
  /** Absent for public clients. */
  readonly secret?: string | undefined
  /** How the secret is sent (RFC 6749 §2.3.1): in a header, or in the form. */
  readonly method: 'client_secret_basic' | 'client_secret_post'
}

/** Where tokens for backends are kept until they expire. */
export interface TokenCacheConfig {
  /** Tokens in memory; beyond it the least recently used goes. */
  readonly maxEntries: number
  /** A token is replaced this long before it expires. */
  readonly ttlOffsetMs: number
  /** Where several gateways share them, encrypted. In memory only where it is absent. */
  readonly redis?: SealedRedisConfig | undefined
}

export interface SealedRedisConfig extends RedisConfig {
  /** The secret that they are encrypted with: itself, or the file that it is in. */
  readonly key: { readonly text: string; readonly place: string } | { readonly file: string }
}

export const DEFAULT_TOKEN_CACHE: TokenCacheConfig = { maxEntries: 10_000, ttlOffsetMs: 30_000 }
