import type { OidcConfig } from '../../../core/incoming-auth-config.ts'
import type { Incoming, IncomingAuthParts } from '../incoming.ts'
import { Gatekeeper } from './gatekeeper.ts'
import { createChallenge, createNeeded, documentsOf } from './resource.ts'
import { Verifier } from './verifier.ts'

/** @throws GatewayError `config` */
export function createOidc(config: OidcConfig, { log, name }: IncomingAuthParts): Incoming {
  const verifier = new Verifier(config, log)
  const gatekeeper = new Gatekeeper(verifier)
  return {
    authenticate: (request) => gatekeeper.authenticate(request),
    resource: {
      challenge: createChallenge(config),
      needed: createNeeded(config.scopes),
      watch: (principal, end) => gatekeeper.watch(principal, end),
      documents: documentsOf(config, name),
    },
    close: () => verifier.close(),
  }
}
