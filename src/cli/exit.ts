import type { Diagnostic } from '../config/diagnostics.ts'
import { GatewayError } from '../core/errors.ts'

export const EXIT = { ok: 0, failed: 1, usage: 2, config: 3 } as const

/** A mistake that the person at the keyboard can mend. Printed without a stack. */
export class UserError extends Error {
  override readonly name = 'UserError'
  readonly exitCode: number

  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message)
    this.exitCode = exitCode
  }
}

export function usageError(message: string): UserError {
  return new UserError(message, EXIT.usage)
}

/** The configuration is wrong; each diagnostic has its own place. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly diagnostics: readonly Diagnostic[]

  constructor(diagnostics: readonly Diagnostic[]) {
    super('the configuration is not valid')
    this.diagnostics = diagnostics
  }
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof UserError) return error.exitCode
  if (error instanceof ConfigError) return EXIT.config
  if (error instanceof GatewayError && (error.code === 'config' || error.code === 'conflict'))
    return EXIT.config
  return EXIT.failed
}
