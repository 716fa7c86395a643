import type { AuthorizationConfig } from '../core/authorization.ts'
import type { IncomingAuthInput } from './schema/incoming-auth.ts'

/** Without the policies of files. */
export function toAuthorization({ authz }: IncomingAuthInput): AuthorizationConfig | undefined {
  if (authz?.type !== 'cedar') return undefined
  const {
    policies = [],
    entitiesJson,
    groupClaimName,
    roleClaimName,
    groupEntityType,
    authorizeSteps,
  } = authz
  return {
    policies: policies.map((text, at) => ({ text, place: `incomingAuth.authz.policies[${at}]` })),
    entities: entitiesJson,
    groupClaim: groupClaimName,
    roleClaim: roleClaimName,
    groupType: groupEntityType,
    steps: authorizeSteps,
  }
}
