import type { Env } from '../../core/folders.ts'
import type { Outline } from '../../workflows/outline.ts'
import { listing } from './listing.ts'
import { mermaid } from './mermaid.ts'
import { ASCII, UNICODE } from './picture/canvas.ts'
import { picture } from './picture/picture.ts'

export interface Drawing {
  /** A picture on a terminal and a flowchart elsewhere, where it is not said. */
  readonly format: 'picture' | 'mermaid' | undefined
  /** Of the terminal; `undefined` where there is none. */
  readonly columns: number | undefined
  readonly env: Env
}

export function drawn(outline: Outline, { format, columns, env }: Drawing): string {
  if (format === 'mermaid' || (format === undefined && columns === undefined)) return mermaid(outline)
  const pen = knowsUnicode(env) ? UNICODE : ASCII
  return picture(outline, pen, columns ?? Number.POSITIVE_INFINITY) ?? listing(outline)
}

/** By the locale (POSIX.1-2017, 8.2), of which the first that is set counts. */
function knowsUnicode(env: Env): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || ''
  return /utf-?8/i.test(locale)
}
