/** We are the client of a remote MCP server for one operator, who logs in with `vmcp login`. */
export interface OAuthConfig {
  readonly type: 'oauth'
  /** The authorization server; found by the metadata of the backend where it is not said. */
  readonly issuer?: string | undefined
  /** Registered there beforehand. */
  readonly client?: { readonly id: string; readonly secret?: string | undefined } | undefined
  /** Where the metadata of this client are, which then is its id. */
  readonly clientIdMetadataUrl?: string | undefined
  /** To ask for at the first login, in the place of what the backend says. */
  readonly scopes?: readonly string[] | undefined
  /** Of the address on this machine that the browser comes back to; any free one where it is not said. */
  readonly redirectPort?: number | undefined
  /** Whether a public backend may lead into private networks. */
  readonly allowPrivateIp: boolean
  readonly store: LoginStore
}

/** Where logins are kept. */
export interface LoginStore {
  readonly folder: string
  /** The secret that they are encrypted with: itself, or the file that it is in. */
  readonly key: { readonly text: string; readonly place: string } | { readonly file: string }
}
