import type { AuthorizationServer } from 'oauth4webapi'
import type { OAuthConfig } from '../../../core/oauth-config.ts'
import type { Fetcher } from '../../../net/fetcher.ts'
import { said } from './complaint.ts'
import { register } from './protocol.ts'
import type { ClientIdentity, ClientMethod, Registration } from './record.ts'

export interface IdentityWish {
  readonly config: OAuthConfig
  readonly server: AuthorizationServer
  /** Made before, here or at another server. */
  readonly registration: Registration | undefined
  readonly redirectUri: string
  readonly fetcher: Fetcher
}

export interface Identified {
  readonly client: ClientIdentity
  /** Where one was made, or used again. */
  readonly registration: Registration | undefined
}

/**
 * Who we are there: registered beforehand, else by the address of our metadata, else registered now (MCP,
 * basic/authorization, Client Registration).
 * @throws Error which says what the operator can do
 */
export async function identify(wish: IdentityWish): Promise<Identified> {
  const { config, server, registration, redirectUri } = wish
  const { client, clientIdMetadataUrl } = config
  if (client !== undefined) return { client: preregistered(client, server), registration }
  if (clientIdMetadataUrl !== undefined && server['client_id_metadata_document_supported'] === true)
    return { client: { id: clientIdMetadataUrl, kind: 'metadata', method: 'none' }, registration }
  if (registration !== undefined && isGood(registration, server.issuer, redirectUri))
    return { client: registration.client, registration }
  const { registration_endpoint: endpoint, issuer } = server
  if (endpoint === undefined) throw unregistered(config, issuer)
  const made = await registered(wish, endpoint)
  return { client: made.client, registration: made }
}

/** The port that a registration was made for, where it may be used again. */
export function registeredPort(registration: Registration | undefined, issuer: string): number | undefined {
  return registration?.issuer === issuer ? Number(new URL(registration.redirectUri).port) : undefined
}

/** Credentials of another authorization server are never used (MCP, Authorization Server Binding). */
function isGood({ issuer, redirectUri, endsAt }: Registration, at: string, wanted: string): boolean {
  return issuer === at && redirectUri === wanted && (endsAt === undefined || Date.now() < endsAt)
}

function preregistered(
  { id, secret }: NonNullable<OAuthConfig['client']>,
  server: AuthorizationServer,
): ClientIdentity {
  if (secret === undefined) return { id, kind: 'preregistered', method: 'none' }
  // The secret itself is not kept: the configuration has it.
  return { id, kind: 'preregistered', method: methodWithSecret(server) }
}

function methodWithSecret({
  token_endpoint_auth_methods_supported: methods,
}: AuthorizationServer): ClientMethod {
  const isPost = methods?.includes('client_secret_basic') === false && methods.includes('client_secret_post')
  return isPost ? 'client_secret_post' : 'client_secret_basic'
}

/** The first that both sides can: without a secret, if that may be. */
function wantedMethod(server: AuthorizationServer): ClientMethod {
  const methods = server.token_endpoint_auth_methods_supported
  return methods === undefined || methods.includes('none') ? 'none' : methodWithSecret(server)
}

async function registered(
  { server, redirectUri, fetcher }: IdentityWish,
  endpoint: string,
): Promise<Registration> {
  const wanted = wantedMethod(server)
  const made = await register(endpoint, fetcher, {
    client_name: 'vmcp',
    // Without it an OpenID provider takes us for a web site, which has no address on this machine.
    application_type: 'native',
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: wanted,
  }).catch((error: unknown) => {
    throw new Error(`the authorization server ${server.issuer} does not register us: ${said(error)}`)
  })
  const { client_id: id, client_secret: secret, client_secret_expires_at: seconds } = made
  const method = methodOf(made['token_endpoint_auth_method']) ?? wanted
  const ends = typeof seconds === 'number' && seconds > 0 ? { endsAt: seconds * 1000 } : {}
  const client = { id, kind: 'registered' as const, method, ...(typeof secret === 'string' && { secret }) }
  if (method !== 'none' && client.secret === undefined)
    throw new Error(
      `the authorization server ${server.issuer} has registered us for ${method} without a secret`,
    )
  return { issuer: server.issuer, client, redirectUri, ...ends }
}

function methodOf(text: unknown): ClientMethod | undefined {
  return text === 'none' || text === 'client_secret_basic' || text === 'client_secret_post' ? text : undefined
}

function unregistered({ clientIdMetadataUrl }: OAuthConfig, issuer: string): Error {
  const without = clientIdMetadataUrl === undefined ? '' : ', and takes no metadata by their address'
  return new Error(
    `the authorization server ${issuer} registers nobody by itself${without}: register vmcp there, and set issuer, clientId and, if it gives one, clientSecretEnv`,
  )
}
