import type { Diagnostic } from '../config/diagnostics.ts'
import { GatewayError } from '../core/errors.ts'
import type { LogFields } from '../core/log.ts'
import { ConfigError, UserError } from './exit.ts'

/** That a configuration cannot be served, for whoever asked for it. */
export interface Refused {
  readonly outcome: 'refused'
  /** Of the configuration that is served on. */
  readonly generation: number
  /** Without anything of the configuration in it. */
  readonly message: string
  /** Each fault with its place and how to mend it. */
  readonly details: readonly string[]
}

/** One fault as the log has it. */
export interface Fault {
  readonly fields: LogFields
  readonly text: string
}

export interface Refusal {
  readonly refused: Refused
  readonly faults: readonly Fault[]
}

export function refusalOf(error: unknown, generation: number): Refusal {
  if (error instanceof ConfigError) return ofFile(error.diagnostics, generation)
  const known = error instanceof UserError ? error : GatewayError.from(error)
  const isUnexpected = known instanceof GatewayError && known.code === 'internal'
  const cause = isUnexpected ? (known.cause ?? known) : known
  const text = cause instanceof Error ? cause.message : String(cause)
  const message =
    known instanceof GatewayError && known.code === 'conflict'
      ? 'names are in conflict'
      : 'it cannot be loaded'
  return {
    refused: { outcome: 'refused', generation, message, details: text.split('\n') },
    faults: [{ fields: isUnexpected ? { err: cause } : {}, text }],
  }
}

function ofFile(diagnostics: readonly Diagnostic[], generation: number): Refusal {
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  const message = `the file has ${errors.length} ${errors.length === 1 ? 'error' : 'errors'}`
  return {
    refused: { outcome: 'refused', generation, message, details: errors.map(print) },
    faults: errors.map(({ file, line, column, path, hint, message: text }) => ({
      fields: { file, line, column, path, ...(hint !== undefined && { hint }) },
      text,
    })),
  }
}

function print({ file, line, column, path, message, hint }: Diagnostic): string {
  const place = line === 0 ? file : `${file}:${line}:${column}`
  return `${place}: ${path === '' ? '' : `${path}: `}${message}${hint === undefined ? '' : ` (${hint})`}`
}
