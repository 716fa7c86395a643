/** What is kept of one backend. */
export interface LoginRecord {
  readonly login?: Login
  /** Made with the authorization server, and kept when a login ends. */
  readonly registration?: Registration
  /** What the backend has last asked for, and a login is to get. */
  readonly wanted?: Wanted
}

export interface Wanted {
  readonly scopes?: readonly string[]
  readonly resourceMetadata?: string
}

/** A login belongs to the authorization server that it was made at, and to the resource that it is for. */
export interface Login {
  readonly issuer: string
  readonly resource: string
  readonly client: ClientIdentity
  readonly tokenEndpoint: string
  readonly revocationEndpoint?: string
  readonly tokens: Tokens
  /** The scopes that were asked for. */
  readonly asked: readonly string[]
  /** In milliseconds since 1970. */
  readonly at: number
}

export interface Tokens {
  readonly access: string
  readonly refresh?: string
  /** When they were got, and when the access token ends, in milliseconds since 1970. */
  readonly gotAt: number
  readonly endsAt?: number
  /** As granted. */
  readonly scopes?: readonly string[]
}

/** Who we are at one authorization server. The secret of a registered client comes from the configuration. */
export interface ClientIdentity {
  readonly id: string
  readonly kind: 'preregistered' | 'metadata' | 'registered'
  readonly method: ClientMethod
  readonly secret?: string
}

export type ClientMethod = 'none' | 'client_secret_basic' | 'client_secret_post'

export interface Registration {
  readonly issuer: string
  readonly client: ClientIdentity
  readonly redirectUri: string
  /** When its secret ends, in milliseconds since 1970. */
  readonly endsAt?: number
}
