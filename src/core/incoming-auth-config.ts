/** Who may come in. */
export type IncomingAuthConfig =
  | { readonly type: 'anonymous' }
  /** The user of the operating system that the process runs as. */
  | { readonly type: 'local' }
  | OidcConfig

/** Access tokens of one issuer, as JWTs or opaque. */
export interface OidcConfig {
  readonly type: 'oidc'
  readonly issuer: string
  readonly audience: string
  /** The URL of this server as clients know it (RFC 9728, RFC 8707). */
  readonly resource?: string | undefined
  /** Found by discovery where it is not said. */
  readonly jwksUrl?: string | undefined
  readonly introspection?: IntrospectionConfig | undefined
  /** Of JWTs that are accepted; none of them is symmetric. */
  readonly algorithms: readonly string[]
  readonly clockSkewMs: number
  readonly scopes: ScopePolicy
  /** Whether what the issuer runs may be at private addresses. */
  readonly allowPrivateIp: boolean
  readonly allowHttp: boolean
  /** PEM file with authorities that are trusted beside the usual ones. */
  readonly caBundlePath?: string | undefined
}

/** How we ask the issuer what an opaque token is worth (RFC 7662). */
export interface IntrospectionConfig {
  /** Found by discovery where it is not said. */
  readonly url?: string | undefined
  readonly clientId: string
  readonly clientSecret: string
  /** How long an answer is believed: a revoked token works for no longer. */
  readonly cacheMs: number
}

/** The scopes that access tokens must have. */
export interface ScopePolicy {
  /** For everything. */
  readonly always: readonly string[]
  /** For an MCP method, beside those. */
  readonly methods: Readonly<Record<string, readonly string[]>>
  /** For a tool under the name that clients see, beside those. */
  readonly tools: Readonly<Record<string, readonly string[]>>
  /** What a broader scope stands for. */
  readonly implies: Readonly<Record<string, readonly string[]>>
}
