import type { OutgoingAuthConfig } from '../../core/outgoing-auth-config.ts'
import { awsSts } from './aws-sts/index.ts'
import { clientCredentials } from './client-credentials.ts'
import { headerInjection } from './header-injection.ts'
import { mappedClaims } from './mapped-claims/index.ts'
import { oauth } from './oauth.ts'
import type { Credentials, CredentialsContext, OutgoingAuth } from './outgoing.ts'
import { passThrough } from './pass-through.ts'
import { tokenExchange } from './token-exchange.ts'
import { unauthenticated } from './unauthenticated.ts'
import { xaa } from './xaa.ts'

export { isSaidIn, secretsIn, withoutSaid } from './echo.ts'
export { Keyring } from './keyring.ts'
export type { Credentials, CredentialsContext, Headers, Refusal, Sendable } from './outgoing.ts'

export { wordsOf } from './words.ts'

type OutgoingAuths = { readonly [Type in OutgoingAuthConfig['type']]: OutgoingAuth<Type> }

export const outgoingAuths: OutgoingAuths = {
  unauthenticated,
  header_injection: headerInjection,
  pass_through: passThrough,
  aws_sts: awsSts,
  mapped_claims: mappedClaims,
  token_exchange: tokenExchange,
  client_credentials: clientCredentials,
  xaa,
  oauth,
}

export function createCredentials(config: OutgoingAuthConfig, context: CredentialsContext): Credentials {
  const auth = outgoingAuths[config.type] as OutgoingAuth
  return auth.create(config, context)
}
