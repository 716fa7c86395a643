import { ModernClient } from '../../fixtures/client.ts'
import { config } from '../../fixtures/config.ts'
import { AUDIENCE, Idp } from '../../fixtures/idp/idp.ts'
import type { Child, Stage } from '../../fixtures/stage.ts'

/** What the tests of credentials for backends have in common. */

export const SECRET = { IDP_SECRET: 'a secret of the resource server + more' }

export function incoming({ issuer }: Idp): object {
  const oidc = { issuer, audience: AUDIENCE, resource: AUDIENCE, scopes: ['mcp'] }
  return { type: 'oidc', oidc: { ...oidc, insecureAllowHttp: true, jwksAllowPrivateIp: true } }
}

/** Who we are at the provider, where it is asked for tokens. */
export function client({ issuer, client: { clientId } }: Idp): object {
  return { tokenUrl: `${issuer}/token`, clientId, clientSecretEnv: 'IDP_SECRET' }
}

export interface Strategies {
  readonly [backend: string]: { readonly url: string; readonly strategy: object }
}

/** A gateway that wants tokens, and has these strategies for its backends. */
export function guarded(
  stage: Stage,
  idp: Idp,
  strategies: Strategies,
  { more = {}, env = {}, args = [] }: { more?: object; env?: object; args?: readonly string[] } = {},
): Promise<Child> {
  return stage.gateway({
    config: guardedConfig(idp, strategies, more),
    env: { ...SECRET, ...env },
    args,
  })
}

export function guardedConfig(idp: Idp, strategies: Strategies, more: object): object {
  const backends = Object.entries(strategies).map(([name, { url }]) => ({ name, url }))
  const named = Object.entries(strategies).map(([name, { strategy }]) => [name, strategy])
  const outgoingAuth = { source: 'inline', backends: Object.fromEntries(named) }
  return config(backends, { incomingAuth: incoming(idp), outgoingAuth, ...more })
}

export async function startIdp(stage: Stage): Promise<Idp> {
  const idp = await Idp.start()
  stage.defer(() => idp.close())
  return idp
}

/** Somebody with this token. */
export function as(stage: Stage, gateway: Child, token: string): ModernClient {
  const made = new ModernClient(gateway.ready, { headers: { authorization: `Bearer ${token}` } })
  stage.defer(() => made.close())
  return made
}

export function claimsOf(jwt: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>
}
