import type { IncomingAuthConfig } from '../../core/incoming-auth-config.ts'
import { anonymous } from './anonymous.ts'
import type { Incoming, IncomingAuth, IncomingAuthParts } from './incoming.ts'
import { local } from './local.ts'
import { oidc } from './oidc.ts'

export type { Authenticate, Incoming, ProtectedResource, Watched } from './incoming.ts'

type IncomingAuths = { readonly [Type in IncomingAuthConfig['type']]: IncomingAuth<Type> }

const incomingAuths: IncomingAuths = { anonymous, local, oidc }

/** @throws GatewayError `config` */
export async function createIncoming(
  config: IncomingAuthConfig = { type: 'anonymous' },
  parts: IncomingAuthParts,
): Promise<Incoming> {
  const auth = incomingAuths[config.type] as IncomingAuth
  return auth.create(config, parts)
}
