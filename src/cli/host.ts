import { isIPv4 } from 'node:net'
import type { IncomingAuthConfig } from '../core/incoming-auth-config.ts'
import { usageError } from './exit.ts'

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}

interface Exposure {
  /** Without a configuration file. */
  readonly quick: boolean
  /** By `--allow-anonymous-remote`. */
  readonly allowed: boolean
  readonly incoming: IncomingAuthConfig['type']
}

/** Without authentication, whoever reaches the port can do all that the backends can. */
export function checkHost(host: string, { quick, allowed, incoming }: Exposure): void {
  if (isLoopback(host) || incoming === 'oidc') return
  if (incoming === 'local')
    throw usageError(
      `--host ${host} is refused: incomingAuth type local takes everybody for the user of this machine; use type oidc`,
    )
  if (quick)
    throw usageError(
      `--host ${host} is refused: --group and --from serve without authentication and on loopback only; a file made with \`vmcp init\` and served with --config can listen elsewhere`,
    )
  if (!allowed)
    throw usageError(
      `--host ${host} is refused: the configuration lets everybody in; --allow-anonymous-remote serves it anyway to all who reach this address`,
    )
}
