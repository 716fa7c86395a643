import type { AuthorizationServer } from 'oauth4webapi'
import type { Fetcher, Judge } from '../../../net/fetcher.ts'
import { type JsonObject, metadataAt } from './asking.ts'

/**
 * What an authorization server says of itself (RFC 8414), from the first of the places where it may be (MCP,
 * basic/authorization, Authorization Server Metadata Discovery).
 * @throws Error where there are none, or they are not to be used
 */
export async function discoverServer(
  fetcher: Fetcher,
  judge: Judge,
  issuer: string,
): Promise<AuthorizationServer> {
  for (const url of placesOf(issuer)) {
    const metadata = await metadataAt(fetcher, url)
    if (metadata !== undefined) return serverIn(metadata, issuer, judge)
  }
  throw new Error(`the authorization server ${issuer} says nothing of itself at the well-known places`)
}

function placesOf(issuer: string): URL[] {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined
  if (url === undefined || url.search !== '' || url.hash !== '')
    throw new Error(
      `the authorization server ${JSON.stringify(issuer.slice(0, 200))} is named by what is no issuer`,
    )
  const path = url.pathname.replace(/\/$/, '')
  const places = [
    `/.well-known/oauth-authorization-server${path}`,
    `/.well-known/openid-configuration${path}`,
    ...(path === '' ? [] : [`${path}/.well-known/openid-configuration`]),
  ]
  return places.map((place) => new URL(place, url))
}

function serverIn(metadata: JsonObject, issuer: string, judge: Judge): AuthorizationServer {
  // RFC 8414 §3.3: identical, not only equivalent.
  if (metadata['issuer'] !== issuer)
    throw new Error(
      `the metadata of the authorization server ${issuer} are those of ${JSON.stringify(metadata['issuer'])}`,
    )
  const endpoint = (name: string) => endpointIn(metadata, name, judge)
  const server: AuthorizationServer = {
    issuer,
    authorization_endpoint: needed(endpoint('authorization_endpoint'), issuer, 'authorization endpoint'),
    token_endpoint: needed(endpoint('token_endpoint'), issuer, 'token endpoint'),
    ...optional('registration_endpoint', endpoint('registration_endpoint')),
    ...optional('revocation_endpoint', endpoint('revocation_endpoint')),
    ...optional('scopes_supported', texts(metadata['scopes_supported'])),
    ...optional(
      'token_endpoint_auth_methods_supported',
      texts(metadata['token_endpoint_auth_methods_supported']),
    ),
    ...optional('code_challenge_methods_supported', texts(metadata['code_challenge_methods_supported'])),
    authorization_response_iss_parameter_supported:
      metadata['authorization_response_iss_parameter_supported'] === true,
    client_id_metadata_document_supported: metadata['client_id_metadata_document_supported'] === true,
  }
  // MCP, basic/authorization, Authorization Code Protection: what does not say so does not have it.
  if (server.code_challenge_methods_supported?.includes('S256') !== true)
    throw new Error(
      `the authorization server ${issuer} does not say that it supports PKCE with S256 (code_challenge_methods_supported), without which nobody may log in`,
    )
  return server
}

/** A browser is sent there, or a secret. */
function endpointIn(metadata: JsonObject, name: string, judge: Judge): string | undefined {
  const text = metadata[name]
  if (text === undefined || text === null) return undefined
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined
  const why =
    url === undefined
      ? 'it is no URL'
      : (judge.url(url) ?? (url.hash === '' ? undefined : 'it has a fragment'))
  if (url === undefined || why !== undefined)
    throw new Error(`the ${name} of the authorization server cannot be used: ${why}`)
  return url.href
}

function needed(endpoint: string | undefined, issuer: string, what: string): string {
  if (endpoint !== undefined) return endpoint
  throw new Error(`the authorization server ${issuer} names no ${what}`)
}

function optional<K extends string, V>(name: K, value: V | undefined): { [Name in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { [Name in K]?: V })
}

function texts(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((it): it is string => typeof it === 'string') : undefined
}
