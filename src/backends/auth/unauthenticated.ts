import type { OutgoingAuth } from './outgoing.ts'

/** Adds nothing. */
export const unauthenticated: OutgoingAuth<'unauthenticated'> = {
  type: 'unauthenticated',
  create: () => (headers) => headers,
}
