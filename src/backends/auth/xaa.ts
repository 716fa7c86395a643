import type { XaaConfig } from '../../core/outgoing-auth-config.ts'
import { ownToken } from './client-credentials.ts'
import { exchanged } from './exchanged.ts'
import { asBearer, type Grant } from './grant.ts'
import type { OutgoingAuth } from './outgoing.ts'
import { TokenEndpoint } from './token-endpoint.ts'
import { TOKEN_EXCHANGE } from './token-exchange.ts'

const ID_JAG = 'urn:ietf:params:oauth:token-type:id-jag'
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const IDP = 'the identity provider'
const TARGET = 'the authorization server of the target'

/**
 * Cross-application access: the identity provider vouches for the caller (draft-ietf-oauth-identity-assertion-authz-grant),
 * and the target's authorization server gives a token for that (RFC 7523 §2.1).
 */
export const xaa: OutgoingAuth<'xaa'> = {
  type: 'xaa',
  create(config, context) {
    const idp = new TokenEndpoint({ ...context, config: config.idp, who: IDP })
    const target = new TokenEndpoint({ ...context, config: config.target, who: TARGET })
    const { audience, resource = '', scopes, subjectTokenType } = config
    const own = { scopes, resource: config.resource }
    return exchanged({
      ...context,
      key: [
        'xaa',
        ...idp.key,
        ...target.key,
        audience,
        resource,
        [...scopes].sort().join(' '),
        subjectTokenType,
      ],
      async get(subject) {
        const assertion = await vouch(idp, config, subject)
        return asBearer(await target.grant({ grant_type: JWT_BEARER, assertion }), TARGET)
      },
      getOwn: config.target.client?.secret === undefined ? undefined : () => ownToken(target, own, TARGET),
      advice:
        'it does not accept the token that was got for it by xaa; check targetAudience, targetResource and scopes',
    })
  },
}

/** @returns the assertion @throws Error */
async function vouch(idp: TokenEndpoint, config: XaaConfig, subject: string): Promise<string> {
  const { audience, resource, scopes, subjectTokenType } = config
  const grant = await idp.grant({
    grant_type: TOKEN_EXCHANGE,
    requested_token_type: ID_JAG,
    subject_token: subject,
    subject_token_type: subjectTokenType,
    audience,
    resource,
    scope: scopes.length === 0 ? undefined : scopes.join(' '),
  })
  checkAssertion(grant, config)
  return grant.value
}

/** Nothing is sent to the target that was not meant for it. @throws Error */
function checkAssertion(grant: Grant, { audience, resource }: XaaConfig): void {
  if (grant.issuedTokenType !== ID_JAG)
    throw new Error(`${IDP} answered with something else than an identity assertion`)
  if (grant.tokenType !== 'n_a')
    throw new Error(`${IDP} answered with an assertion whose token_type is not N_A`)
  const claims = claimsOf(grant.value)
  if (!isOnly(claims['aud'], audience))
    throw new Error(`${IDP} answered with an assertion for another audience than targetAudience`)
  if (resource !== undefined && !isOnly(claims['resource'], resource))
    throw new Error(`${IDP} answered with an assertion for another resource than targetResource`)
}

function isOnly(claim: unknown, text: string): boolean {
  return claim === text || (Array.isArray(claim) && claim.length === 1 && claim[0] === text)
}

/** Its signature is for the target to verify. @throws Error */
function claimsOf(jwt: string): Record<string, unknown> {
  const [, payload, signature, ...more] = jwt.split('.')
  try {
    if (payload === undefined || signature === undefined || more.length > 0)
      throw new Error('it has not three parts')
    return Object(JSON.parse(Buffer.from(payload, 'base64url').toString())) as Record<string, unknown>
  } catch (cause) {
    throw new Error(`${IDP} answered with an assertion that is no JWT`, { cause })
  }
}
