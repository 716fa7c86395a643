import type { Socket } from 'node:net'
import { userInfo } from 'node:os'
import { localUser, type Principal } from '../../core/caller.ts'
import { GatewayError } from '../../core/errors.ts'
import { type Authenticate, type IncomingAuth, onlyOf } from './incoming.ts'
import { peerUser } from './peer.ts'

const ROOT = 0

/**
 * The user that the process runs as. On Linux the other users of the machine are refused; elsewhere who reaches the
 * port goes by that name too.
 */
export const local: IncomingAuth<'local'> = {
  type: 'local',
  create() {
    const { username, uid } = ownUser()
    const principal = localUser(username)
    const authenticate = process.platform === 'linux' ? onlyFor(uid, principal) : () => principal
    return { authenticate, principal, watch: onlyOf(principal), close: async () => {} }
  },
}

/** Each connection is looked at once. */
export function onlyFor(own: number, principal: Principal, userOf = peerUser): Authenticate {
  const known = new WeakSet<Socket>()
  return ({ socket }) => (known.has(socket) ? principal : look(socket))

  async function look(socket: Socket): Promise<Principal> {
    const user = await userOf(socket)
    if (user !== own && user !== ROOT)
      throw new GatewayError('unauthenticated', 'this server is for another user of the machine')
    known.add(socket)
    return principal
  }
}

function ownUser() {
  try {
    return userInfo()
  } catch (cause) {
    const message = 'incomingAuth type local: the user that vmcp runs as has no name in the system'
    throw new GatewayError('config', message, { cause })
  }
}
