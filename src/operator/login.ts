import type { GatewayConfig, HttpBackendConfig } from '../core/config.ts'
import { GatewayError } from '../core/errors.ts'
import type { OAuthConfig } from '../core/oauth-config.ts'

export interface LoginRequest {
  /** The backend's name. */
  readonly backend: string
  /** To ask for beside those that it needs. */
  readonly scopes: readonly string[]
  /** Ends the wait. */
  readonly signal: AbortSignal
  /**
   * Shows where to log in. Where the browser cannot come back, the address that it was sent to is to be given to
   * `paste`, which says what is wrong with it.
   */
  readonly show: (url: URL, paste: (text: string) => string | undefined) => void
}

export interface LoggedIn {
  readonly backend: string
  readonly issuer: string
  readonly resource: string
  /** As granted; those that were asked for where the server does not say. */
  readonly scopes: readonly string[]
  /** Of the access token, in milliseconds since 1970; absent where it is not said. */
  readonly endsAt?: number
  /** Whether it is prolonged by itself. */
  readonly renewable: boolean
}

/** Has the operator log in to a backend. @throws GatewayError `config`, Error which says why there is no login */
export async function logIn(config: GatewayConfig, request: LoginRequest): Promise<LoggedIn> {
  const { backend, auth } = withLogin(config, request.backend)
  const oauth = await import('../backends/auth/oauth/log-in.ts')
  const { scopes, signal, show } = request
  const { issuer, resource, tokens, asked } = await oauth.logIn({
    backend,
    config: auth,
    scopes,
    signal,
    show,
  })
  return {
    backend: backend.name,
    issuer,
    resource,
    scopes: tokens.scopes ?? asked,
    ...(tokens.endsAt !== undefined && { endsAt: tokens.endsAt }),
    renewable: tokens.refresh !== undefined,
  }
}

export interface LoggedOut {
  readonly backend: string
  /** Whether there was a login. */
  readonly existed: boolean
  /** Why the tokens may be good still. */
  readonly notRevoked?: string
}

/** Forgets a login, and has its tokens revoked where that can be. @throws GatewayError `config` */
export async function logOut(config: GatewayConfig, name: string): Promise<LoggedOut> {
  const { backend, auth } = withLogin(config, name)
  const oauth = await import('../backends/auth/oauth/log-out.ts')
  return { backend: name, ...(await oauth.logOut(backend, auth)) }
}

function withLogin(
  { backends }: GatewayConfig,
  name: string,
): { backend: HttpBackendConfig; auth: OAuthConfig } {
  const backend = backends.find((it) => it.name === name)
  const logins = backends.filter(({ auth }) => auth.type === 'oauth').map((it) => it.name)
  const those = logins.length === 0 ? 'no backend has' : `those that have: ${logins.join(', ')}`
  if (backend === undefined)
    throw new GatewayError('config', `there is no backend '${name}' with type oauth; ${those}`)
  if (backend.transport === 'stdio' || backend.auth.type !== 'oauth')
    throw new GatewayError(
      'config',
      `backend '${name}' has no login: set outgoingAuth.backends.${name} to { type: oauth } (${those})`,
    )
  return { backend, auth: backend.auth }
}
