import type { GatewayConfig } from './core/config.ts'
import { GatewayError } from './core/errors.ts'
import type { Log } from './core/log.ts'
import type { Observer } from './core/witness.ts'

interface ObserverOptions {
  readonly log: Log
  /** Whether standard output is taken by the protocol. */
  readonly stdio?: boolean
}

/**
 * Starts what a configuration wants to observe its gateway: `createGateway` takes it, and closes it.
 * @throws GatewayError `config`
 */
export async function openObservers(
  { audit }: GatewayConfig,
  { log, stdio = false }: ObserverOptions,
): Promise<readonly Observer[]> {
  if (audit === undefined) return []
  if (stdio && audit.logFile === undefined) throw noOutput()
  const { openAudit } = await import('./observe/audit/index.ts')
  return [await openAudit(audit, { log })]
}

function noOutput(): GatewayError {
  return new GatewayError(
    'config',
    'the audit log cannot go to standard output with --stdio, where the protocol is spoken: set audit.logFile',
  )
}
