import { printable } from '../observe/printable.ts'

export interface Column {
  readonly title: string
  readonly align?: 'right'
  /** Colours a cell; the width is taken from the plain text. */
  readonly paint?: (text: string) => string
}

const GAP = '  '

/** Rows as aligned lines; columns that are empty in every row are left out. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map(printable))
  const shown = columns
    .map((column, index) => ({ column, index }))
    .filter(({ index }) => cells.some((row) => row[index]))
  const widths = new Map(
    shown.map(({ column, index }) => [
      index,
      cells.reduce((width, row) => Math.max(width, (row[index] ?? '').length), column.title.length),
    ]),
  )
  const line = (row: readonly string[], painted: boolean) =>
    shown
      .map(({ column, index }) =>
        pad(row[index] ?? '', widths.get(index) ?? 0, painted ? column : bare(column)),
      )
      .join(GAP)
      .trimEnd()
  const head = line(
    columns.map(({ title }) => title),
    false,
  )
  return [head, ...cells.map((row) => line(row, true))].join('\n')
}

function bare({ title, align }: Column): Column {
  return align === undefined ? { title } : { title, align }
}

function pad(text: string, width: number, { align, paint = (plain) => plain }: Column): string {
  const padding = ' '.repeat(Math.max(0, width - text.length))
  return align === 'right' ? padding + paint(text) : paint(text) + padding
}
