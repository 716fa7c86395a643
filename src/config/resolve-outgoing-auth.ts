import type { HeaderInjectionConfig, OutgoingAuthConfig } from '../core/outgoing-auth-config.ts'
import type { RuleContext } from './rules/rule.ts'
import type { StrategyInput } from './schema/outgoing-auth.ts'

type Input<Type extends StrategyInput['type']> = Extract<StrategyInput, { type: Type }>
type Env = RuleContext['env']

/** Strategies that this version cannot do never come here: `checkUnbuilt` refuses them. */
export function toOutgoingAuth(strategy: StrategyInput, { env }: RuleContext): OutgoingAuthConfig {
  switch (strategy.type) {
    case 'header_injection':
      return toHeaderInjection(strategy, env)
    case 'pass_through':
      return { type: 'pass_through' }
    default:
      return { type: 'unauthenticated' }
  }
}

function toHeaderInjection({ headerInjection }: Input<'header_injection'>, env: Env): HeaderInjectionConfig {
  const { headerName, headerValue, headerValueEnv, headerFormat = '{token}' } = headerInjection
  const secret = secretOf(headerValue, headerValueEnv, env) ?? ''
  return {
    type: 'header_injection',
    headerName,
    headerValue: headerFormat.replaceAll('{token}', () => secret),
  }
}

/** A secret of the file, or of the environment. */
function secretOf(value: string | undefined, variable: string | undefined, env: Env): string | undefined {
  return value ?? (variable === undefined ? undefined : env[variable])
}
