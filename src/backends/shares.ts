import { GatewayError } from '../core/errors.ts'

export function noRoom(name: string, room: number): GatewayError {
  return full(name, `${room} clients have a connection to it already`)
}

export function noShare(name: string, most: number): GatewayError {
  return full(name, `you have ${most} connections to it already, which is the share of one user`)
}

function full(name: string, why: string): GatewayError {
  const message = `backend '${name}': ${why}; set connection: shared if it keeps nothing per client`
  return new GatewayError('unavailable', message, { data: { backend: name, reason: 'overloaded' } })
}
