import { z } from 'zod'
import { caBundlePath, duration, envName, flag, httpUrl, list, MAY_BE_ZERO, text } from './scalars.ts'

/** RFC 6749 §3.3. */
const scope = z
  .string()
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, { error: 'a scope may not hold spaces, quotes or backslashes' })

const scopesByName = (description: string) => z.record(z.string(), z.array(scope)).describe(description)

const requiredScopes = z
  .strictObject({
    methods: scopesByName('By MCP method, such as tools/call.').optional(),
    tools: scopesByName('By tool, under the name that clients see.').optional(),
  })
  .describe('Scopes that a token must have for some things beside those for everything.')

/** None of them is symmetric: a key that is published would sign as well. */
export const ALGORITHMS = [
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
  ...(['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const),
]

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
    introspectionUrl: httpUrl(
      'Token introspection endpoint (RFC 7662), for opaque tokens; found by discovery when absent.',
    ).optional(),
    introspectionCacheTtl: duration(
      'How long an answer of it is believed, at most 10m: a revoked token works for no longer.',
      MAY_BE_ZERO,
    )
      .refine((ms) => ms <= 600_000, { error: 'must be at most 10m' })
      .prefault('30s'),
    algorithms: z
      .array(z.enum(ALGORITHMS))
      .min(1)
      .optional()
      .describe('Algorithms that JWTs may be signed with; all of these when absent.'),
    clockSkew: duration('How far the clock of the issuer may be from ours, at most 5m.', MAY_BE_ZERO)
      .refine((ms) => ms <= 300_000, { error: 'must be at most 5m' })
      .prefault('30s'),
    scopes: z.array(scope).optional().describe('Scopes that a token must have for everything.'),
    requiredScopes: requiredScopes.optional(),
    scopeHierarchy: scopesByName('What a broader scope stands for: admin: [read, write].').optional(),
    protectedResourceAllowPrivateIp: flag(
      'Let the protected resource metadata name private addresses.',
      false,
    ),
    jwksAllowPrivateIp: flag(
      'Let the issuer, its keys and its introspection endpoint be at private addresses.',
      false,
    ),
    insecureAllowHttp: flag('Accept an issuer that speaks plain HTTP. For development.', false),
    caBundlePath: caBundlePath('PEM file with further certificate authorities for the issuer.').optional(),
  })
  .describe('OpenID Connect; needed by type oidc.')

const authz = z
  .strictObject({
    type: z.enum(['cedar', 'none']).describe('How calls are authorized.'),
    policies: list('Cedar policies. What no policy permits is denied.').optional(),
    policyFiles: list(
      'Files of Cedar policies, beside those above; a relative path is from the folder of the configuration.',
    ).optional(),
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
    authorizeSteps: flag(
      'Each step of a composite tool needs a permit, as a call of its caller would.',
      true,
    ),
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

export type OidcInput = z.output<typeof oidc>
export type IncomingAuthInput = z.output<typeof incomingAuth>
