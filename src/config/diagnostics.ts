import { createColors } from 'picocolors'
import type { Path } from './path.ts'
import { formatPath } from './path.ts'
import type { SourceIndex } from './source.ts'

type Severity = 'error' | 'warning' | 'deprecated'

/** Something to say about a place in a configuration file. */
export interface Diagnostic {
  readonly severity: Severity
  readonly file: string
  /** From 1; 0 when the file as a whole is meant. */
  readonly line: number
  /** From 1; 0 when the file as a whole is meant. */
  readonly column: number
  /** `aggregation.tools[0].workload`, in today's spelling; empty for the root. */
  readonly path: string
  readonly message: string
  readonly hint?: string
}

/** What a check has to say, before it is known where in the file that is. */
export interface Finding {
  readonly severity: Severity
  readonly path: Path
  /** Whether the key is at fault, or (the default) its value. */
  readonly part?: 'key' | 'value'
  readonly message: string
  readonly hint?: string | undefined
}

/** Puts findings into their places, in the order of the file, each once. */
export function locate(findings: Iterable<Finding>, source: SourceIndex): Diagnostic[] {
  const seen = new Map<string, Diagnostic>()
  for (const finding of findings) {
    const diagnostic = toDiagnostic(finding, source)
    const identity = JSON.stringify([diagnostic.severity, diagnostic.path, diagnostic.message])
    if (!seen.has(identity)) seen.set(identity, diagnostic)
  }
  return inFileOrder([...seen.values()])
}

export function inFileOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...diagnostics].sort((a, b) => a.line - b.line || a.column - b.column)
}

function toDiagnostic(finding: Finding, source: SourceIndex): Diagnostic {
  const { line, column } = source.at(finding.path, finding.part)
  return {
    severity: finding.severity,
    file: source.file,
    line,
    column,
    path: formatPath(finding.path),
    message: finding.message,
    ...(finding.hint === undefined ? {} : { hint: finding.hint }),
  }
}

const MAX_SHOWN = 1000

/** Errors first where there are too many, so that what is left out is never the reason of a refusal. */
export function bounded(diagnostics: readonly Diagnostic[], file: string): readonly Diagnostic[] {
  if (diagnostics.length <= MAX_SHOWN) return diagnostics
  const rank = ({ severity }: Diagnostic) => Number(severity !== 'error')
  const shown = [...diagnostics].sort((a, b) => rank(a) - rank(b)).slice(0, MAX_SHOWN)
  const message = `${diagnostics.length - MAX_SHOWN} further findings are not shown`
  return [...shown, { ...fileError(file, message), severity: 'warning' }]
}

/** Of the file as a whole: it cannot be read, it is too large. */
export function fileError(file: string, message: string, hint?: string): Diagnostic {
  const base = { severity: 'error', file, line: 0, column: 0, path: '', message } as const
  return hint === undefined ? base : { ...base, hint }
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === 'error')
}

/** `file:line:column: error: path: message`, errors first and under a heading of their own. */
export function formatDiagnostics(
  diagnostics: readonly Diagnostic[],
  options: { readonly color?: boolean } = {},
): string {
  const print = (diagnostic: Diagnostic) => formatDiagnostic(diagnostic, options.color ?? false)
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  const notes = diagnostics.filter(({ severity }) => severity !== 'error')
  const heading = errors.length > 0 ? ['invalid configuration:'] : []
  return [...heading, ...errors.map(print), ...notes.map(print)].map((line) => `${line}\n`).join('')
}

function formatDiagnostic(diagnostic: Diagnostic, color: boolean): string {
  const paint = createColors(color)
  const tint = { error: paint.red, warning: paint.yellow, deprecated: paint.cyan }[diagnostic.severity]
  const { file, line, column } = diagnostic
  const place = paint.bold(line === 0 ? `${file}:` : `${file}:${line}:${column}:`)
  const path = diagnostic.path === '' ? '' : `${diagnostic.path}: `
  const hint = diagnostic.hint === undefined ? '' : `\n  ${paint.dim('hint:')} ${diagnostic.hint}`
  return `${place} ${tint(`${diagnostic.severity}:`)} ${path}${diagnostic.message}${hint}`
}
