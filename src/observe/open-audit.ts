import type { GatewayConfig } from '../core/config.ts'
import { GatewayError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { AuditLog } from './audit/index.ts'

export interface AuditOptions {
  readonly log: Log
  /** Whether standard output is taken by the protocol. */
  readonly stdio?: boolean | undefined
  /** What it is to take the place of. */
  readonly before?: AuditLog | undefined
}

/** Opens the audit log that a configuration wants. @throws GatewayError `config` when it has nowhere to go */
export async function openAudit(
  { audit }: GatewayConfig,
  { log, stdio = false, before }: AuditOptions,
): Promise<AuditLog | undefined> {
  if (audit === undefined) return undefined
  if (stdio && audit.logFile === undefined) throw noOutput()
  const { AuditLog: Opened } = await import('./audit/index.ts')
  return Opened.open(audit, { log, before })
}

function noOutput(): GatewayError {
  return new GatewayError(
    'config',
    'the audit log cannot go to standard output with --stdio, where the protocol is spoken: set audit.logFile',
  )
}
