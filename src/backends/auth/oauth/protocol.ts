import {
  type AuthorizationServer,
  allowInsecureRequests,
  authorizationCodeGrantRequest,
  type Client,
  type ClientAuth,
  ClientSecretPost,
  customFetch,
  None,
  processAuthorizationCodeResponse,
  processRefreshTokenResponse,
  processRevocationResponse,
  refreshTokenGrantRequest,
  revocationRequest,
  type TokenEndpointResponse,
} from 'oauth4webapi'
import { basicOf } from '../../../net/basic.ts'
import type { Fetcher } from '../../../net/fetcher.ts'
import { fetchBy, type JsonObject, objectIn, REPLY_BYTES } from './asking.ts'
import { scopesIn } from './challenge.ts'
import type { ClientIdentity, Login, Tokens } from './record.ts'

/** Who asks, and where. The secret of a preregistered client is in the configuration and not in its identity. */
export interface Party {
  readonly server: AuthorizationServer
  readonly client: ClientIdentity
  readonly fetcher: Fetcher
}

export interface Redemption {
  /** The parameters of the redirect, validated. */
  readonly callback: URLSearchParams
  readonly redirectUri: string
  readonly verifier: string
  readonly resource: string
}

const MOST_TOKEN_BYTES = 64 * 1024

/**
 * RFC 7591 §3. The library wants `client_secret_expires_at`, which servers forget, and 201, for which some say 200.
 * @throws what the server says
 */
export async function register(endpoint: string, fetcher: Fetcher, metadata: object): Promise<Registered> {
  const reply = await fetcher.exchange(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(metadata),
    maxBytes: REPLY_BYTES,
  })
  const body = objectIn(reply) ?? {}
  const { client_id: id, error } = body
  if ((reply.status === 200 || reply.status === 201) && typeof id === 'string' && id !== '')
    return { ...body, client_id: id }
  if (typeof error === 'string') throw Object.assign(new Error(error), body)
  throw new Error(`it answered with HTTP ${reply.status} and no client id`)
}

export type Registered = JsonObject & { readonly client_id: string }

export async function redeem(party: Party, { callback, redirectUri, verifier, resource }: Redemption) {
  const { server, client, fetcher } = party
  const options = { ...by(fetcher), additionalParameters: { resource } }
  const who = clientOf(client)
  const reply = await authorizationCodeGrantRequest(
    server,
    who,
    authOf(client),
    callback,
    redirectUri,
    verifier,
    options,
  )
  return tokensIn(await processAuthorizationCodeResponse(server, who, reply))
}

/** @throws whatever was said; `isEnded` tells whether the login is over */
export async function refresh(login: Login, secret: string | undefined, fetcher: Fetcher): Promise<Tokens> {
  const { tokens, resource } = login
  if (tokens.refresh === undefined) throw new Error('there is no refresh token')
  const { server, client } = partyOf(login, secret, fetcher)
  const options = { ...by(fetcher), additionalParameters: { resource } }
  const who = clientOf(client)
  const reply = await refreshTokenGrantRequest(server, who, authOf(client), tokens.refresh, options)
  const fresh = tokensIn(await processRefreshTokenResponse(server, who, reply))
  // RFC 6749 §6: what is not said anew stays as it was.
  return { refresh: tokens.refresh, ...(tokens.scopes && { scopes: tokens.scopes }), ...fresh }
}

/** @returns why it was not revoked @throws what the server says against it */
export async function revoke(
  login: Login,
  secret: string | undefined,
  fetcher: Fetcher,
): Promise<string | undefined> {
  if (login.revocationEndpoint === undefined) return 'the authorization server has no revocation'
  const { server, client } = partyOf(login, secret, fetcher)
  const { refresh: refreshToken, access } = login.tokens
  // RFC 7009 §2.1: with a refresh token go the access tokens; where they do not, they go by themselves.
  const one = async (token: string) =>
    processRevocationResponse(
      await revocationRequest(server, clientOf(client), authOf(client), token, by(fetcher)),
    )
  const outcomes = await Promise.allSettled([refreshToken, access].flatMap((it) => (it ? [one(it)] : [])))
  const failed = outcomes.find((it) => it.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return undefined
}

/** Whether nothing but another login helps (RFC 6749 §5.2). A client that the operator set up is theirs to mend. */
export function isEnded(error: unknown, client: ClientIdentity): boolean {
  const code = (error as { error?: unknown }).error
  if (code === 'invalid_grant') return true
  return client.kind === 'registered' && (code === 'invalid_client' || code === 'unauthorized_client')
}

export function withSecret(client: ClientIdentity, secret: string | undefined): ClientIdentity {
  return client.kind === 'preregistered' && secret !== undefined ? { ...client, secret } : client
}

function partyOf(login: Login, secret: string | undefined, fetcher: Fetcher): Party {
  const { issuer, tokenEndpoint: token_endpoint, revocationEndpoint } = login
  const revocation = revocationEndpoint === undefined ? {} : { revocation_endpoint: revocationEndpoint }
  return {
    server: { issuer, token_endpoint, ...revocation },
    client: withSecret(login.client, secret),
    fetcher,
  }
}

/** Where it may be asked, and whether in the clear, is for the fetcher to judge. */
function by(fetcher: Fetcher) {
  return { [customFetch]: fetchBy(fetcher), [allowInsecureRequests]: true } as const
}

export function clientOf({ id }: ClientIdentity): Client {
  return { client_id: id }
}

function authOf({ method, secret = '' }: ClientIdentity) {
  if (method === 'none') return None()
  return method === 'client_secret_post' ? ClientSecretPost(secret) : basic(secret)
}

/** The library's own also encodes what need not be, such as hyphens, which servers that forget to decode do not know. */
function basic(secret: string): ClientAuth {
  return (_, { client_id: id }, __, headers) => headers.set('authorization', basicOf(id, secret))
}

function tokensIn(reply: TokenEndpointResponse): Tokens {
  const { access_token: access, refresh_token: refreshToken, expires_in: seconds, scope } = reply
  if (/[^\x21-\x7e]/.test(access) || access.length > MOST_TOKEN_BYTES)
    throw new Error('the access token is nothing that a header may hold')
  const gotAt = Date.now()
  return {
    access,
    gotAt,
    ...(refreshToken !== undefined && { refresh: refreshToken }),
    ...(seconds !== undefined && { endsAt: gotAt + seconds * 1000 }),
    ...(scope !== undefined && { scopes: scopesIn(scope) }),
  }
}
