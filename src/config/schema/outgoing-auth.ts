import { z } from 'zod'
import { awsSts } from './aws-sts.ts'
import { mappedClaims } from './mapped-claims.ts'
import {
  caBundlePath,
  count,
  envName,
  flag,
  headerName,
  headerValue,
  httpUrl,
  list,
  text,
} from './scalars.ts'

/** Token types by their short names (RFC 8693 §3). */
export const TOKEN_TYPES: Readonly<Record<string, string>> = {
  access_token: 'urn:ietf:params:oauth:token-type:access_token',
  id_token: 'urn:ietf:params:oauth:token-type:id_token',
  jwt: 'urn:ietf:params:oauth:token-type:jwt',
}

function secret(of: string) {
  return {
    value: text(`${of}. Better kept in the environment.`).optional(),
    env: envName(`Environment variable that holds it: ${of.toLowerCase()}.`).optional(),
  }
}

const clientSecret = secret('Client secret')
const scopes = list('Scopes to ask for.').optional()
const subjectProviderName = text(
  'The login provider whose token is exchanged, instead of the caller’s own.',
).optional()

const headerInjection = z
  .strictObject({
    headerName: headerName('The header.'),
    headerValue: headerValue('Its value. Either this or headerValueEnv.').optional(),
    headerValueEnv: envName('Environment variable that holds the value.').optional(),
    headerFormat: headerValue(
      'What is sent, with {token} in the place of the value, such as "Bearer {token}".',
    )
      .refine((format) => format.includes('{token}'), { error: 'must contain {token}' })
      .optional(),
  })
  .describe('One header with every request.')

const subjectTokenType = z
  .string()
  .refine((type) => type in TOKEN_TYPES || /^[a-z][a-z0-9+.-]*:\S+$/i.test(type), {
    error: `expected one of ${Object.keys(TOKEN_TYPES).join(', ')}, or a URI`,
  })
  .describe('Type of the token given: access_token, id_token, jwt, or a URI; access_token when absent.')
  .optional()

const clientAuthMethod = z
  .enum(['client_secret_basic', 'client_secret_post'])
  .default('client_secret_basic')
  .describe('How the client secret is sent: in a header, or in the form.')

/** What a token endpoint has beside its URL and the client id. */
const endpoint = {
  clientSecret: clientSecret.value,
  clientSecretEnv: clientSecret.env,
  clientAuthMethod,
  insecureTokenUrl: flag('Let tokenUrl be plain HTTP beyond this machine. For development.', false),
  caBundlePath: caBundlePath('PEM file with further certificate authorities for tokenUrl.').optional(),
  audience: text('Audience of the token to get.').optional(),
  resource: httpUrl('URL of the resource that the token is for (RFC 8707).').optional(),
  scopes,
}

const tokenExchange = z
  .strictObject({
    tokenUrl: httpUrl('Token endpoint.'),
    clientId: text('Client id.').optional(),
    ...endpoint,
    subjectTokenType,
    subjectProviderName,
  })
  .describe('The caller’s token is exchanged for one of this backend (RFC 8693).')

const clientCredentials = z
  .strictObject({
    tokenUrl: httpUrl('Token endpoint.'),
    clientId: text('Client id.'),
    ...endpoint,
  })
  .describe('A token of the gateway itself (RFC 6749 §4.4).')

const idpSecret = secret('Client secret at the identity provider')
const targetSecret = secret('Client secret at the target')

const xaa = z
  .strictObject({
    idpTokenUrl: httpUrl('Token endpoint of the identity provider.'),
    idpClientId: text('Client id there.').optional(),
    idpClientSecret: idpSecret.value,
    idpClientSecretEnv: idpSecret.env,
    idpClientAuthMethod: clientAuthMethod,
    insecureIdpTokenUrl: flag('Let idpTokenUrl be plain HTTP beyond this machine. For development.', false),
    targetTokenUrl: httpUrl('Token endpoint of the target’s authorization server.'),
    insecureTargetTokenUrl: flag(
      'Let targetTokenUrl be plain HTTP beyond this machine. For development.',
      false,
    ),
    targetClientId: text('Client id there.').optional(),
    targetClientSecret: targetSecret.value,
    targetClientSecretEnv: targetSecret.env,
    targetClientAuthMethod: clientAuthMethod,
    caBundlePath: caBundlePath('PEM file with further certificate authorities for both.').optional(),
    targetAudience: text('Audience of the assertion.'),
    targetResource: text('Resource that the assertion is for.').optional(),
    scopes,
    subjectProviderName,
    subjectTokenType: z
      .enum(['urn:ietf:params:oauth:token-type:id_token', ...Object.keys(TOKEN_TYPES)])
      .default('id_token')
      .describe('Type of the token given.'),
  })
  .describe('Cross-application access by an identity assertion.')

const upstreamInject = z
  .strictObject({ providerName: text('The login provider.') })
  .describe('The caller’s token of a login provider.')

const oauth = z
  .strictObject({
    issuer: httpUrl(
      'The authorization server. Found by the metadata of the backend when absent; needed with clientId.',
    ).optional(),
    clientId: text('Client id, where vmcp is registered there already.').optional(),
    clientSecret: clientSecret.value,
    clientSecretEnv: clientSecret.env,
    clientIdMetadataUrl: httpUrl(
      'Where you publish the metadata of this client, which then is its id at servers that support that.',
    ).optional(),
    scopes: list('Scopes to ask for, in the place of those that the backend names.').optional(),
    redirectPort: count(
      'Port on this machine that the browser comes back to; any free one when absent.',
      1,
      65_535,
    ).optional(),
    allowPrivateIp: flag(
      'Let a backend on the public internet lead to an authorization server in a private network.',
      false,
    ),
    keyEnv: envName(
      'Environment variable with the key that logins are encrypted with, 32 bytes in base64 or hexadecimal. A file beside them has it when absent.',
    ).optional(),
  })
  .describe('vmcp is an OAuth client of the backend for one operator, who logs in with `vmcp login`.')

function strategyType<const T extends string>(type: T, description: string) {
  return { type: z.literal(type).describe(description) }
}

const strategy = z.discriminatedUnion('type', [
  z.strictObject(strategyType('unauthenticated', 'Nothing is added.')),
  z.strictObject({ ...strategyType('header_injection', 'A fixed header.'), headerInjection }),
  z.strictObject(strategyType('pass_through', 'The caller’s own token is sent on.')),
  z.strictObject({ ...strategyType('token_exchange', 'The caller’s token is exchanged.'), tokenExchange }),
  z.strictObject({ ...strategyType('client_credentials', 'A token of the gateway.'), clientCredentials }),
  z.strictObject({ ...strategyType('upstream_inject', 'A token of a login provider.'), upstreamInject }),
  z.strictObject({ ...strategyType('aws_sts', 'AWS credentials.'), awsSts }),
  z.strictObject({ ...strategyType('mapped_claims', 'Claims of the caller in headers.'), mappedClaims }),
  z.strictObject({ ...strategyType('oauth', 'The login of an operator.'), oauth: oauth.optional() }),
  z.strictObject({ ...strategyType('xaa', 'Cross-application access.'), xaa }),
])

export const outgoingAuth = z
  .strictObject({
    source: z
      .enum(['inline', 'discovered', 'mixed'])
      .describe(
        'Where strategies come from: this file, the backends’ own settings, or both with this file first.',
      ),
    default: strategy
      .optional()
      .describe('For backends that are not named. stdio backends have no headers and are left out.'),
    backends: z.record(z.string(), strategy).optional().describe('By backend name.'),
  })
  .describe('How this server authenticates to its backends. What is not said is unauthenticated.')

export type StrategyInput = z.output<typeof strategy>
