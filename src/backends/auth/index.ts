import type { OutgoingAuthConfig } from '../../core/config.ts'
import { headerInjection } from './header-injection.ts'
import type { Authorize, OutgoingAuth } from './outgoing.ts'
import { unauthenticated } from './unauthenticated.ts'

export type { Authorize, Headers } from './outgoing.ts'

type OutgoingAuths = { readonly [Type in OutgoingAuthConfig['type']]: OutgoingAuth<Type> }

export const outgoingAuths: OutgoingAuths = {
  unauthenticated,
  header_injection: headerInjection,
}

export function createAuthorize(config: OutgoingAuthConfig): Authorize {
  const auth = outgoingAuths[config.type] as OutgoingAuth
  return auth.create(config)
}
