import type { GatewayConfig } from './core/config.ts'
import { GatewayError } from './core/errors.ts'
import type { Log } from './core/log.ts'
import type { Observer } from './core/witness.ts'

interface AuditOptions {
  readonly log: Log
  /** Whether standard output is taken by the protocol. */
  readonly stdio?: boolean
}

/**
 * Opens the audit log that a configuration wants; it is for the `observers` of `createGateway`, which closes it.
 * @throws GatewayError `config` when it has nowhere to go
 */
export async function openAudit(
  { audit }: GatewayConfig,
  { log, stdio = false }: AuditOptions,
): Promise<Observer | undefined> {
  if (audit === undefined) return undefined
  if (stdio && audit.logFile === undefined) throw noOutput()
  const { openAudit: open } = await import('./observe/audit/index.ts')
  return open(audit, { log })
}

function noOutput(): GatewayError {
  return new GatewayError(
    'config',
    'the audit log cannot go to standard output with --stdio, where the protocol is spoken: set audit.logFile',
  )
}
