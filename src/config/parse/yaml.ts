import { LineCounter, parseDocument, type YAMLError } from 'yaml'
import type { Diagnostic } from '../diagnostics.ts'
import { fileError, inFileOrder } from '../diagnostics.ts'
import { growTree } from './grow.ts'
import type { Tree } from './tree.ts'

/** Far above any real configuration. */
export const MAX_BYTES = 1 << 20

const MAX_SYNTAX_ERRORS = 20

export type Parsed =
  | { readonly tree: Tree; readonly diagnostics: readonly Diagnostic[] }
  | { readonly tree: undefined; readonly diagnostics: readonly Diagnostic[] }

/** Reads YAML 1.2, of which JSON is a part. Never throws. */
export function parseYaml(text: string, file: string): Parsed {
  if (Buffer.byteLength(text) > MAX_BYTES) {
    return failed([fileError(file, `the file is larger than ${MAX_BYTES} bytes`)])
  }
  try {
    return parse(text, file)
  } catch (cause) {
    const deep = cause instanceof RangeError
    return failed([fileError(file, deep ? 'the file is nested too deeply' : `not YAML: ${messageOf(cause)}`)])
  }
}

function parse(text: string, file: string): Parsed {
  const lines = new LineCounter()
  const options = { lineCounter: lines, prettyErrors: false, uniqueKeys: false, version: '1.2' } as const
  const document = parseDocument(text, options)
  const version = document.directives?.yaml
  if (version?.explicit && version.version !== '1.2') {
    return failed([fileError(file, `YAML ${version.version} is not read; expected YAML 1.2`)])
  }
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const report = (severity: 'error' | 'warning') => (error: YAMLError) => ({
    ...{ severity, file, ...place(error.pos[0]), path: '' },
    ...explain(error),
  })
  if (document.errors.length > 0) {
    return failed(inFileOrder(document.errors.slice(0, MAX_SYNTAX_ERRORS).map(report('error'))))
  }
  const grown = growTree(document.contents, { file, place })
  return { ...grown, diagnostics: [...document.warnings.map(report('warning')), ...grown.diagnostics] }
}

function explain(error: YAMLError): { message: string; hint?: string } {
  if (error.message.startsWith('Maximum call stack')) return { message: 'the file is nested too deeply' }
  switch (error.code) {
    case 'MULTIPLE_DOCS':
      return { message: 'the file holds several documents; expected one', hint: 'remove what follows ---' }
    case 'TAB_AS_INDENT':
      return { message: 'YAML is indented with spaces, not with tabs' }
    default:
      return { message: error.message }
  }
}

function failed(diagnostics: readonly Diagnostic[]): Parsed {
  return { tree: undefined, diagnostics }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
