import type { JsonObject } from '../../../core/catalog.ts'
import type { IntrospectionConfig } from '../../../core/incoming-auth-config.ts'
import { isObject } from '../../../core/json.ts'
import { basicOf } from '../../../net/basic.ts'
import type { Fetcher } from '../../../net/fetcher.ts'
import { invalidToken } from './bearer.ts'
import { checkSubject } from './jwt.ts'

export interface IntrospectionRules {
  readonly issuers: readonly string[]
  readonly audience: string
  readonly clockSkewMs: number
}

export interface IntrospectionOptions {
  readonly config: IntrospectionConfig
  readonly fetcher: Fetcher
  readonly locate: () => Promise<string>
  readonly rules: IntrospectionRules
}

const MAX_BYTES = 64 * 1024

/** Asks the issuer what a token is worth (RFC 7662). */
export class Introspection {
  readonly #options: IntrospectionOptions
  readonly #authorization: string

  constructor(options: IntrospectionOptions) {
    this.#options = options
    const { clientId, clientSecret } = options.config
    this.#authorization = basicOf(clientId, clientSecret)
  }

  /** What the issuer says of it. @throws GatewayError `unauthenticated`; Error where the issuer cannot be asked */
  async verify(token: string): Promise<JsonObject> {
    const { fetcher, locate, rules } = this.#options
    const reply = await fetcher.json(await locate(), {
      maxBytes: MAX_BYTES,
      form: new URLSearchParams({ token, token_type_hint: 'access_token' }),
      headers: { authorization: this.#authorization },
    })
    if (!isObject(reply)) throw new Error('the introspection endpoint answered with no JSON object')
    checkReply(reply, rules)
    return reply
  }
}

/** @throws GatewayError `unauthenticated` */
function checkReply(reply: JsonObject, { issuers, audience, clockSkewMs }: IntrospectionRules): void {
  const { active, iss, aud, sub, exp, nbf } = reply
  if (active !== true) throw invalidToken('the access token is not active')
  if (iss !== undefined && !issuers.includes(String(iss)))
    throw invalidToken('the access token is of another issuer')
  // Without an audience nobody can tell that it was issued for us (MCP, basic/authorization).
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if (!audiences.includes(audience)) throw invalidToken('the access token is for another audience')
  checkSubject({ sub })
  const now = Date.now()
  if (exp !== undefined && !(typeof exp === 'number' && exp * 1000 + clockSkewMs > now))
    throw invalidToken('the access token has expired')
  if (nbf !== undefined && !(typeof nbf === 'number' && nbf * 1000 - clockSkewMs <= now))
    throw invalidToken('the access token is not valid yet')
}
