import type { LogLevel } from '../core/log.ts'
import type { LevelLog, LogFormat } from '../observe/log.ts'
import type { Terminal } from './terminal.ts'

/** Options that every command takes. */
export interface GlobalOptions {
  readonly config?: string
  readonly debug?: boolean
  readonly logLevel?: LogLevel
  readonly logFormat: LogFormat
  readonly json?: boolean
}

export function isDebug({ debug, logLevel }: GlobalOptions): boolean {
  return debug === true || logLevel === 'debug'
}

/** The log of a command. The results of `quiet` commands tell what the log would. */
export async function openLog(options: GlobalOptions, terminal: Terminal, quiet = false): Promise<LevelLog> {
  const { createLog } = await import('../observe/log.ts')
  return createLog({
    level: isDebug(options) ? 'debug' : (options.logLevel ?? (quiet ? 'error' : 'info')),
    format: options.logFormat,
    color: terminal.errorColors.isColorSupported,
    write: terminal.write,
  })
}
