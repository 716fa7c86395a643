import { BearerPrincipal } from '../../core/bearer.ts'
import { GatewayError } from '../../core/errors.ts'
import type { OutgoingAuth } from './outgoing.ts'

/** Sends the caller's own access token on. Our own requests have none. */
export const passThrough: OutgoingAuth<'pass_through'> = {
  type: 'pass_through',
  create: () => ({
    ofCaller: true,
    authorize(headers, { caller }) {
      if (caller === undefined) return headers
      const token = BearerPrincipal.tokenOf(caller.principal)
      if (token === undefined) throw new GatewayError('unauthenticated', 'the caller has no token to send on')
      return { ...headers, authorization: `Bearer ${token}` }
    },
  }),
}
