import type { OutgoingAuth } from './outgoing.ts'

/** Adds nothing. */
export const unauthenticated: OutgoingAuth<'unauthenticated'> = {
  type: 'unauthenticated',
  create: () => ({ ofCaller: false, authorize: (headers) => headers }),
}
