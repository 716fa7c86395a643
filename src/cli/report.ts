import { GatewayError } from '../core/errors.ts'
import { printable } from '../observe/printable.ts'
import { ConfigError, EXIT, exitCodeOf, UserError } from './exit.ts'
import type { Terminal } from './terminal.ts'

/** Prints what went wrong, for the one who can mend it, and returns the exit code. */
export async function report(error: unknown, terminal: Terminal, debug: boolean): Promise<number> {
  if (error instanceof ConfigError) await printDiagnostics(error, terminal)
  else if (isUserMistake(error)) terminal.err(mistake(error.message, terminal))
  else terminal.err(unexpected(error, terminal, debug) + (await tooOld()))
  return exitCodeOf(error)
}

async function printDiagnostics({ diagnostics }: ConfigError, terminal: Terminal): Promise<void> {
  const { formatDiagnostics } = await import('../config/diagnostics.ts')
  terminal.write(formatDiagnostics(diagnostics, { color: terminal.errorColors.isColorSupported }))
}

const SYSTEM: Readonly<Record<string, string>> = {
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of this user is used up',
  ENOTDIR: 'a part of the path is no folder',
  EISDIR: 'it is a folder',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'the name is too long',
}

/** What the system does not let us do with a file, which is for the user to mend. */
function refusedFile(error: unknown): string | undefined {
  const { code = '', path } = error as NodeJS.ErrnoException
  const reason = Object.hasOwn(SYSTEM, code) ? SYSTEM[code] : undefined
  return reason === undefined || path === undefined ? undefined : `cannot use ${path}: ${reason} (${code})`
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
  const refused = refusedFile(cause)
  if (refused !== undefined && !debug) return mistake(refused, terminal)
  if (debug) return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
  const message = cause instanceof Error ? cause.message : String(cause)
  return `${mistake(message, terminal)}\n       (unexpected; --log-level debug shows where)`
}

/** What nobody has thought of may come of a Node that lacks something. */
async function tooOld(): Promise<string> {
  const { checkNode } = await import('./checks.ts')
  const { ok, seen, mend } = checkNode()
  return ok ? '' : `\n       (${seen}; ${mend})`
}

/** What `commander` throws has been printed by it. */
export function exitCodeOfParser(exitCode: number): number {
  return exitCode === 0 ? EXIT.ok : EXIT.usage
}
