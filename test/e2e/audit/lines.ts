import { readFile } from 'node:fs/promises'
import { eventually } from '../../fixtures/ask.ts'

/** A line of the audit log. */
export interface Line {
  readonly type: string
  readonly outcome: string
  readonly component: string
  readonly source: {
    readonly type: string
    readonly value: string
    readonly extra: { readonly request_id: string }
  }
  readonly subjects: Readonly<Record<string, string>>
  readonly target: Readonly<Record<string, string>>
  readonly metadata: { readonly extra: Readonly<Record<string, unknown>> }
  readonly data?: { readonly request?: unknown; readonly response?: unknown }
}

/** Whole lines only: the last may be on its way. */
export function linesOf(text: string): Line[] {
  return text
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.includes('"audit_event"'))
    .map((line) => JSON.parse(line) as Line)
}

/** The lines of a type, once there are so many of them. */
export function linesIn(file: string, type: string, count: number): Promise<Line[]> {
  return eventually(async () => {
    const lines = linesOf(await readFile(file, 'utf8')).filter((line) => line.type === type)
    if (lines.length !== count) throw new Error(`${lines.length} lines of ${type}, not ${count}`)
    return lines
  })
}
