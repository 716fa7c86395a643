import type { IncomingAuthConfig, OidcConfig } from '../core/incoming-auth-config.ts'
import type { RuleContext } from './rules/rule.ts'
import { ALGORITHMS, type IncomingAuthInput, type OidcInput } from './schema/incoming-auth.ts'

export function toIncomingAuth({ type, oidc }: IncomingAuthInput, { env }: RuleContext): IncomingAuthConfig {
  if (type !== 'oidc' || oidc === undefined) return { type: type === 'local' ? 'local' : 'anonymous' }
  return {
    type,
    issuer: oidc.issuer,
    audience: oidc.audience,
    resource: oidc.resource,
    jwksUrl: oidc.jwksUrl,
    introspection: toIntrospection(oidc, env),
    algorithms: oidc.algorithms ?? ALGORITHMS,
    clockSkewMs: oidc.clockSkew,
    scopes: {
      always: oidc.scopes ?? [],
      methods: oidc.requiredScopes?.methods ?? {},
      tools: oidc.requiredScopes?.tools ?? {},
      implies: oidc.scopeHierarchy ?? {},
    },
    allowPrivateIp: oidc.jwksAllowPrivateIp,
    allowHttp: oidc.insecureAllowHttp,
    caBundlePath: oidc.caBundlePath,
  }
}

/** An issuer says what an opaque token is worth to those whom it knows. */
function toIntrospection(
  { clientId, clientSecretEnv, introspectionUrl, introspectionCacheTtl }: OidcInput,
  env: RuleContext['env'],
): OidcConfig['introspection'] {
  const clientSecret = clientSecretEnv === undefined ? undefined : env[clientSecretEnv]
  if (clientId === undefined || clientSecret === undefined) return undefined
  return { url: introspectionUrl, clientId, clientSecret, cacheMs: introspectionCacheTtl }
}
