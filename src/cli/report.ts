import { GatewayError } from '../core/errors.ts'
import { printable } from '../observe/printable.ts'
import { ConfigError, EXIT, exitCodeOf, UserError } from './exit.ts'
import type { Terminal } from './terminal.ts'

/** Prints what went wrong, for the one who can mend it, and returns the exit code. */
export async function report(error: unknown, terminal: Terminal, debug: boolean): Promise<number> {
  if (error instanceof ConfigError) await printDiagnostics(error, terminal)
  else if (isUserMistake(error)) terminal.err(mistake(error.message, terminal))
  else terminal.err(unexpected(error, terminal, debug))
  return exitCodeOf(error)
}

async function printDiagnostics({ diagnostics }: ConfigError, terminal: Terminal): Promise<void> {
  const { formatDiagnostics } = await import('../config/diagnostics.ts')
  terminal.write(formatDiagnostics(diagnostics, { color: terminal.errorColors.isColorSupported }))
}

function isUserMistake(error: unknown): error is Error {
  if (error instanceof UserError) return true
  return error instanceof GatewayError && error.code !== 'internal'
}

function mistake(message: string, { errorColors }: Terminal): string {
  return `${errorColors.red('error:')} ${message.split('\n').map(printable).join('\n       ')}`
}

function unexpected(error: unknown, terminal: Terminal, debug: boolean): string {
  const cause = error instanceof GatewayError && error.cause !== undefined ? error.cause : error
  if (debug) return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
  const message = cause instanceof Error ? cause.message : String(cause)
  return `${mistake(message, terminal)}\n       (unexpected; --log-level debug shows where)`
}

/** What `commander` throws has been printed by it. */
export function exitCodeOfParser(exitCode: number): number {
  return exitCode === 0 ? EXIT.ok : EXIT.usage
}
