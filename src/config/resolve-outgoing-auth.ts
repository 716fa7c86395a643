import type {
  ClientCredentialsConfig,
  HeaderInjectionConfig,
  OAuthClientConfig,
  OutgoingAuthConfig,
  TokenExchangeConfig,
  XaaConfig,
} from '../core/outgoing-auth-config.ts'
import type { RuleContext } from './rules/rule.ts'
import { type StrategyInput, TOKEN_TYPES } from './schema/outgoing-auth.ts'

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
      return toTokenExchange(strategy, env)
    case 'client_credentials':
      return toClientCredentials(strategy, env)
    case 'xaa':
      return toXaa(strategy, env)
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

function toTokenExchange({ tokenExchange }: Input<'token_exchange'>, env: Env): TokenExchangeConfig {
  const { subjectTokenType = 'access_token' } = tokenExchange
  return {
    type: 'token_exchange',
    ...toTarget(tokenExchange, env),
    subjectTokenType: TOKEN_TYPES[subjectTokenType] ?? subjectTokenType,
  }
}

function toClientCredentials(
  { clientCredentials }: Input<'client_credentials'>,
  env: Env,
): ClientCredentialsConfig {
  return { type: 'client_credentials', ...toTarget(clientCredentials, env) }
}

function toTarget(
  input: Input<'token_exchange'>['tokenExchange'],
  env: Env,
): Omit<ClientCredentialsConfig, 'type'> {
  const { tokenUrl: url, insecureTokenUrl: allowHttp, caBundlePath, audience, resource, scopes = [] } = input
  const { clientId: id, clientAuthMethod: method } = input
  const secret = secretOf(input.clientSecret, input.clientSecretEnv, env)
  const client = toClient({ id, secret, method })
  return { endpoint: { url, allowHttp, caBundlePath, client }, audience, resource, scopes }
}

function toXaa({ xaa }: Input<'xaa'>, env: Env): XaaConfig {
  const { caBundlePath, scopes = [], subjectTokenType } = xaa
  return {
    type: 'xaa',
    idp: {
      url: xaa.idpTokenUrl,
      allowHttp: xaa.insecureIdpTokenUrl,
      caBundlePath,
      client: toClient({
        id: xaa.idpClientId,
        secret: secretOf(xaa.idpClientSecret, xaa.idpClientSecretEnv, env),
        method: xaa.idpClientAuthMethod,
      }),
    },
    target: {
      url: xaa.targetTokenUrl,
      allowHttp: xaa.insecureTargetTokenUrl,
      caBundlePath,
      client: toClient({
        id: xaa.targetClientId,
        secret: secretOf(xaa.targetClientSecret, xaa.targetClientSecretEnv, env),
        method: xaa.targetClientAuthMethod,
      }),
    },
    audience: xaa.targetAudience,
    resource: xaa.targetResource,
    scopes,
    subjectTokenType: TOKEN_TYPES[subjectTokenType] ?? subjectTokenType,
  }
}

function toClient({
  id,
  secret,
  method,
}: Pick<OAuthClientConfig, 'secret' | 'method'> & {
  readonly id: string | undefined
}): OAuthClientConfig | undefined {
  return id === undefined ? undefined : { id, secret, method }
}

/** A secret of the file, or of the environment. */
function secretOf(value: string | undefined, variable: string | undefined, env: Env): string | undefined {
  return value ?? (variable === undefined ? undefined : env[variable])
}
