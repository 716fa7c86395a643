import { z } from 'zod'
import { caBundlePath, envName, flag, httpUrl, list, text } from './scalars.ts'

const oidc = z
  .strictObject({
    issuer: httpUrl('The issuer whose tokens are accepted.'),
    clientId: text('Client id, for token introspection.').optional(),
    clientSecretEnv: envName('Environment variable that holds the client secret.').optional(),
    audience: text('The audience that a token must have.'),
    resource: httpUrl(
      'The URL of this server, published as protected resource metadata (RFC 9728).',
    ).optional(),
    jwksUrl: httpUrl('Where the signing keys are; found by discovery when absent.').optional(),
    introspectionUrl: httpUrl('Token introspection endpoint (RFC 7662), for opaque tokens.').optional(),
    scopes: list('Scopes that a token must have.').optional(),
    protectedResourceAllowPrivateIp: flag(
      'Let the protected resource metadata name private addresses.',
      false,
    ),
    jwksAllowPrivateIp: flag('Let the key endpoint be at a private address.', false),
    insecureAllowHttp: flag('Accept an issuer that speaks plain HTTP. For development.', false),
    caBundlePath: caBundlePath('PEM file with further certificate authorities for the issuer.').optional(),
  })
  .describe('OpenID Connect; needed by type oidc.')

const authz = z
  .strictObject({
    type: z.enum(['cedar', 'none']).describe('How calls are authorized.'),
    policies: list('Cedar policies. What no policy permits is denied.').optional(),
    entitiesJson: z.string().optional().describe('JSON list of Cedar entities; [] when absent.'),
    primaryUpstreamProvider: text('The login provider whose claims are judged.').optional(),
    groupClaimName: text('The claim that lists groups; a path with dots is allowed.').optional(),
    roleClaimName: text('The claim that lists roles.').optional(),
    groupEntityType: z
      .string()
      .min(1)
      .refine((type) => !type.includes('::'), { error: 'may not contain ::' })
      .default('THVGroup')
      .describe('The Cedar entity type of groups.'),
  })
  .describe('Which caller may use which tool, prompt or resource.')

export const incomingAuth = z
  .strictObject({
    type: z
      .enum(['oidc', 'local', 'anonymous'])
      .describe('Who may connect: holders of a token, the user of this machine, or everybody.'),
    oidc: oidc.optional(),
    authz: authz.optional(),
  })
  .describe('How clients are authenticated and authorized.')
