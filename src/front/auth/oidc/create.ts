import type { OidcConfig } from '../../../core/incoming-auth-config.ts'
import type { Incoming, IncomingAuthParts } from '../incoming.ts'
import { Gatekeeper } from './gatekeeper.ts'
import { createChallenge, createNeeded, documentsOf } from './resource.ts'
import { Verifier } from './verifier.ts'

/** @throws GatewayError `config` */
export function createOidc(config: OidcConfig, { log, name }: IncomingAuthParts): Incoming {
  const verifier = new Verifier(config, log)
  const gatekeeper = new Gatekeeper(verifier)
  const needed = createNeeded(config.scopes)
  return {
    authenticate: (request) => gatekeeper.authenticate(request),
    resource: {
      challenge: createChallenge(config),
      needed,
      documents: documentsOf(config, name),
    },
    watch: (stay) => gatekeeper.watch(stay, needed(stay.method)),
    close: () => verifier.close(),
  }
}
