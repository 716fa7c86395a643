import type { ClientCredentialsConfig } from '../../core/outgoing-auth-config.ts'
import { Bearers } from './bearer.ts'
import { asBearer } from './grant.ts'
import type { OutgoingAuth } from './outgoing.ts'
import { Own } from './own.ts'
import { TokenEndpoint } from './token-endpoint.ts'
import type { Token } from './tokens.ts'

const WHO = 'the token endpoint'

/** A token of the gateway itself, for everybody (RFC 6749 §4.4). */
export const clientCredentials: OutgoingAuth<'client_credentials'> = {
  type: 'client_credentials',
  create(config, { backend, keyring, log }) {
    const endpoint = new TokenEndpoint({ config: config.endpoint, who: WHO, backend, keyring, log })
    const own = new Own({
      tokens: keyring.tokens,
      key: ['client_credentials', backend, ...endpoint.key, ...targetKey(config)],
      get: () => ownToken(endpoint, config, WHO),
    })
    const bearers = new Bearers()
    return {
      ofCaller: false,
      authorize: (headers) => bearers.add(headers, own.get()),
      refused: async (refusal) => own.refused(refusal),
      advice: () =>
        'it does not accept the token that was got with client_credentials; check audience, resource and scopes, and what the client may do there',
    }
  },
}

/** What a token is for. */
export type Target = Pick<ClientCredentialsConfig, 'audience' | 'resource' | 'scopes'>

/** What tokens depend on, in an order of its own. */
export function targetKey({ audience = '', resource = '', scopes }: Target): string[] {
  return [audience, resource, [...new Set(scopes)].sort().join(' ')]
}

/** The parameters that say what a token is for. */
export function targetOf({ audience, resource, scopes }: Target): Record<string, string | undefined> {
  return { audience, resource, scope: scopes.length === 0 ? undefined : scopes.join(' ') }
}

/** @throws Error */
export async function ownToken(endpoint: TokenEndpoint, target: Target, who: string): Promise<Token> {
  return asBearer(await endpoint.grant({ grant_type: 'client_credentials', ...targetOf(target) }), who)
}
