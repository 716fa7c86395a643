import type {
  ClientCredentialsConfig,
  OAuthClientConfig,
  TokenExchangeConfig,
  XaaConfig,
} from '../core/outgoing-auth-config.ts'
import { secretOf } from './resolve-secret.ts'
import type { RuleContext } from './rules/rule.ts'
import { type StrategyInput, TOKEN_TYPES } from './schema/outgoing-auth.ts'

type Input<Type extends StrategyInput['type']> = Extract<StrategyInput, { type: Type }>
type Env = RuleContext['env']

export function toTokenExchange(
  input: Input<'token_exchange'>['tokenExchange'],
  env: Env,
): TokenExchangeConfig {
  const { subjectTokenType = 'access_token' } = input
  return {
    type: 'token_exchange',
    ...toTarget(input, env),
    subjectTokenType: TOKEN_TYPES[subjectTokenType] ?? subjectTokenType,
  }
}

export function toClientCredentials(
  input: Input<'client_credentials'>['clientCredentials'],
  env: Env,
): ClientCredentialsConfig {
  return { type: 'client_credentials', ...toTarget(input, env) }
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

export function toXaa(xaa: Input<'xaa'>['xaa'], env: Env): XaaConfig {
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
