import { ownToken, targetKey, targetOf } from './client-credentials.ts'
import { exchanged } from './exchanged.ts'
import { asBearer } from './grant.ts'
import type { OutgoingAuth } from './outgoing.ts'
import { TokenEndpoint } from './token-endpoint.ts'

export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'
const WHO = 'the token exchange'

/** The caller's token is exchanged for one of the backend (RFC 8693). */
export const tokenExchange: OutgoingAuth<'token_exchange'> = {
  type: 'token_exchange',
  create(config, context) {
    const endpoint = new TokenEndpoint({ ...context, config: config.endpoint, who: WHO })
    const isClient = config.endpoint.client?.secret !== undefined
    const { subjectTokenType } = config
    return exchanged({
      ...context,
      key: ['token_exchange', ...endpoint.key, ...targetKey(config), subjectTokenType],
      async get(subject) {
        const grant = await endpoint.grant({
          grant_type: TOKEN_EXCHANGE,
          subject_token: subject,
          subject_token_type: subjectTokenType,
          requested_token_type: ACCESS_TOKEN,
          ...targetOf(config),
        })
        return asBearer(grant, WHO)
      },
      getOwn: isClient ? () => ownToken(endpoint, config, WHO) : undefined,
      advice:
        'it does not accept the token that was got for it by token_exchange; check audience, resource and scopes, and whom it trusts',
    })
  },
}
