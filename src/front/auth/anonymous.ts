import { ANONYMOUS } from '../../core/caller.ts'
import { type IncomingAuth, onlyOf } from './incoming.ts'

/** Everybody, under one name. */
export const anonymous: IncomingAuth<'anonymous'> = {
  type: 'anonymous',
  create: () => ({ principal: ANONYMOUS, watch: onlyOf(ANONYMOUS), close: async () => {} }),
}
