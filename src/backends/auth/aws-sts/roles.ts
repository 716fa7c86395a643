import type { AwsStsConfig, RoleMappingConfig } from '../../../core/aws-sts-config.ts'
import type { JsonObject } from '../../../core/catalog.ts'
import { claimAt } from '../../../core/claims.ts'
import { compileClaimsExpression } from '../../../engines/cel/index.ts'

/** The role of a caller with these claims; `undefined` where there is none for it. */
export type RoleOf = (claims: JsonObject) => string | undefined

interface Mapping {
  readonly fits: (claims: JsonObject) => boolean
  readonly roleArn: string
}

/**
 * The first mapping that fits, lowest priority first and in the order of the file where it is the same; those without
 * one come last. A mapping that asks for a claim that is missing does not fit.
 * @throws GatewayError `config` for an expression that cannot be read
 */
export function createRoleOf({ roleMappings, roleClaim, fallbackRoleArn }: AwsStsConfig): RoleOf {
  const mappings = [...roleMappings].sort(byPriority).map((it) => toMapping(it, roleClaim))
  return (claims) => mappings.find(({ fits }) => fits(claims))?.roleArn ?? fallbackRoleArn
}

function byPriority(a: RoleMappingConfig, b: RoleMappingConfig): number {
  const [first = Number.MAX_VALUE, second = Number.MAX_VALUE] = [a.priority, b.priority]
  return first - second
}

function toMapping({ when, roleArn }: RoleMappingConfig, roleClaim: string): Mapping {
  if ('claim' in when) return { roleArn, fits: (claims) => has(claimAt(claims, roleClaim), when.claim) }
  const matches = compileClaimsExpression(when.matcher)
  return { roleArn, fits: (claims) => matches(claims) === true }
}

/** A claim is a text or a list of texts; a part of a text is not the text. */
function has(value: unknown, wanted: string): boolean {
  return Array.isArray(value) ? value.includes(wanted) : value === wanted
}
