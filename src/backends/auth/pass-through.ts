import { bearer } from './bearer.ts'
import { subjectOf } from './callers.ts'
import type { OutgoingAuth } from './outgoing.ts'

/** Sends the caller's own token on. Our own requests have none, since nobody's token is ours. */
export const passThrough: OutgoingAuth<'pass_through'> = {
  type: 'pass_through',
  create: () => ({
    ofCaller: true,
    authorize: (headers, { caller }) =>
      caller === undefined ? headers : bearer(headers, subjectOf(caller.principal)),
    advice: ({ caller }) =>
      caller === undefined
        ? 'it lists for nobody who has no token, and vmcp has none of its own with pass_through; use token_exchange with a clientId, or client_credentials'
        : 'it does not accept the token that the caller came with (pass_through); it must trust the same issuer and audience, or use token_exchange',
  }),
}
