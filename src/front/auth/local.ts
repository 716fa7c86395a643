import { userInfo } from 'node:os'
import { localUser } from '../../core/caller.ts'
import { GatewayError } from '../../core/errors.ts'
import type { IncomingAuth } from './incoming.ts'

/** The user that the process runs as. Who else can reach the port goes by that name too, so it stays on loopback. */
export const local: IncomingAuth<'local'> = {
  type: 'local',
  create() {
    const principal = localUser(username())
    return { authenticate: () => principal, principal, close: async () => {} }
  },
}

function username(): string {
  try {
    return userInfo().username
  } catch (cause) {
    const message = 'incomingAuth type local: the user that vmcp runs as has no name in the system'
    throw new GatewayError('config', message, { cause })
  }
}
