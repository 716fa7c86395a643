import { join } from 'node:path'
import { stateHome } from '../core/folders.ts'
import type { OAuthConfig } from '../core/oauth-config.ts'
import type { HeaderInjectionConfig, OutgoingAuthConfig } from '../core/outgoing-auth-config.ts'
import { toAwsSts } from './resolve-aws-sts.ts'
import { toMappedClaims } from './resolve-mapped-claims.ts'
import { secretOf } from './resolve-secret.ts'
import { toClientCredentials, toTokenExchange, toXaa } from './resolve-token-grants.ts'
import type { RuleContext } from './rules/rule.ts'
import type { StrategyInput } from './schema/outgoing-auth.ts'

type Input<Type extends StrategyInput['type']> = Extract<StrategyInput, { type: Type }>
type Env = RuleContext['env']

/** Strategies that this version cannot do never come here: `checkUnbuilt` refuses them. */
export function toOutgoingAuth(strategy: StrategyInput, context: RuleContext): OutgoingAuthConfig {
  switch (strategy.type) {
    case 'header_injection':
      return toHeaderInjection(strategy, context.env)
    case 'pass_through':
      return { type: 'pass_through' }
    case 'aws_sts':
      return toAwsSts(strategy.awsSts)
    case 'mapped_claims':
      return toMappedClaims(strategy.mappedClaims, context)
    case 'token_exchange':
      return toTokenExchange(strategy.tokenExchange, context.env)
    case 'client_credentials':
      return toClientCredentials(strategy.clientCredentials, context.env)
    case 'xaa':
      return toXaa(strategy.xaa, context.env)
    case 'oauth':
      return toOAuth(strategy, context.env)
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
