import {
  type AuthorizationServer,
  calculatePKCECodeChallenge,
  generateRandomCodeVerifier,
  validateAuthResponse,
} from 'oauth4webapi'
import type { Fetcher } from '../../../net/fetcher.ts'
import { said } from './complaint.ts'
import { clientOf, redeem, withSecret } from './protocol.ts'
import type { ClientIdentity, Login } from './record.ts'
import type { Resource } from './resource.ts'

export interface AttemptOptions {
  readonly server: AuthorizationServer
  readonly resource: Resource
  readonly client: ClientIdentity
  readonly secret: string | undefined
  readonly scopes: readonly string[]
  readonly state: string
  readonly redirectUri: string
  readonly fetcher: Fetcher
}

/** One try to log in: what is sent with the browser, and what is made of what comes back. */
export class Attempt {
  readonly #options: AttemptOptions
  readonly #verifier = generateRandomCodeVerifier()

  constructor(options: AttemptOptions) {
    this.#options = options
  }

  /** The address where the operator logs in. */
  async url(): Promise<URL> {
    const { server, client, resource, scopes, state, redirectUri } = this.#options
    const url = new URL(server.authorization_endpoint as string)
    const parameters = {
      response_type: 'code',
      client_id: client.id,
      redirect_uri: redirectUri,
      state,
      code_challenge: await calculatePKCECodeChallenge(this.#verifier),
      code_challenge_method: 'S256',
      resource: resource.id,
      ...(scopes.length > 0 && { scope: scopes.join(' ') }),
      // OpenID Connect Core §11: without it nothing is given for later.
      ...(scopes.includes(OFFLINE) && { prompt: 'consent' }),
    }
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
    return url
  }

  /**
   * The issuer is compared before anything else is believed, errors included (RFC 9207 §2.4).
   * @throws Error which says why there is no login
   */
  async finish(parameters: URLSearchParams): Promise<Login> {
    const { server, client, secret, resource, scopes, state, redirectUri, fetcher } = this.#options
    const { issuer } = server
    const secrets = [parameters.get('code') ?? undefined, this.#verifier, secret, client.secret]
    checkIssuer(parameters, server)
    try {
      const callback = validateAuthResponse(server, clientOf(client), parameters, state)
      const party = { server, client: withSecret(client, secret), fetcher }
      const redemption = { callback, redirectUri, verifier: this.#verifier, resource: resource.id }
      const tokens = await redeem(party, redemption)
      return {
        issuer,
        resource: resource.id,
        client,
        tokenEndpoint: server.token_endpoint as string,
        ...(server.revocation_endpoint !== undefined && { revocationEndpoint: server.revocation_endpoint }),
        tokens,
        asked: scopes,
        at: Date.now(),
      }
    } catch (error) {
      throw new Error(`the authorization server ${issuer} gives no token: ${said(error, secrets)}`, {
        cause: error,
      })
    }
  }
}

export const OFFLINE = 'offline_access'

/** A code of another server would be handed to this one, or the other way round (mix-up). */
function checkIssuer(parameters: URLSearchParams, server: AuthorizationServer): void {
  const from = parameters.getAll('iss')
  const isRequired = server.authorization_response_iss_parameter_supported === true
  if (from.length === 0 && !isRequired) return
  if (from.length === 1 && from[0] === server.issuer) return
  const what = from.length === 0 ? 'does not say who it is from' : 'is from another authorization server'
  throw new Error(`the answer that came back ${what}, and not from ${server.issuer}: nothing of it was used`)
}
