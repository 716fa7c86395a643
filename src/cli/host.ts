import { isIPv4 } from 'node:net'
import { usageError } from './exit.ts'

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}

/** Without authentication, whoever reaches the port can do all that the backends can. */
export function checkHost(host: string, { quick, allowed }: { quick: boolean; allowed: boolean }): void {
  if (isLoopback(host)) return
  if (quick)
    throw usageError(
      `--host ${host} is refused: --group and --from serve without authentication and on loopback only; a file made with \`vmcp init\` and served with --config can listen elsewhere`,
    )
  if (!allowed)
    throw usageError(
      `--host ${host} is refused: the configuration lets everybody in; --allow-anonymous-remote serves it anyway to all who reach this address`,
    )
}
