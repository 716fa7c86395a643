import { join } from 'node:path'
import { stateHome } from '../core/folders.ts'
import type { OAuthConfig } from '../core/oauth-config.ts'
import type { HeaderInjectionConfig, OutgoingAuthConfig } from '../core/outgoing-auth-config.ts'
import { secretOf } from './resolve-secret.ts'
import { toClientCredentials, toTokenExchange, toXaa } from './resolve-token-grants.ts'
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
    case 'token_exchange':
      return toTokenExchange(strategy.tokenExchange, env)
    case 'client_credentials':
      return toClientCredentials(strategy.clientCredentials, env)
    case 'xaa':
      return toXaa(strategy.xaa, env)
    case 'oauth':
      return toOAuth(strategy, env)
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

function toOAuth({ oauth }: Input<'oauth'>, env: Env): OAuthConfig {
  const { clientId, clientSecret, clientSecretEnv, keyEnv, ...rest } = oauth ?? { allowPrivateIp: false }
  const { issuer, clientIdMetadataUrl, scopes, redirectPort, allowPrivateIp } = rest
  const folder = join(stateHome(env), 'vmcp', 'oauth')
  const key =
    keyEnv === undefined
      ? { file: join(folder, 'key') }
      : { text: env[keyEnv] ?? '', place: `the environment variable ${keyEnv}` }
  const secret = secretOf(clientSecret, clientSecretEnv, env)
  const client = clientId === undefined ? undefined : { id: clientId, secret }
  const store = { folder, key }
  return { type: 'oauth', issuer, client, clientIdMetadataUrl, scopes, redirectPort, allowPrivateIp, store }
}
