import type { Figure } from './bench.ts'

export function isOver({ measured, limit }: Figure): boolean {
  // Not a number is over as well.
  return limit !== undefined && !(measured <= limit)
}

export function tableHead(): string {
  return `${line('', 'limit', 'measured', '')}\n${'─'.repeat(96)}\n`
}

/** Two lines: the figure with its limit, and what it was made from. */
export function formatFigure(figure: Figure): string {
  const { limit, unit } = figure
  const format = (value: number) => `${value.toFixed(unit === '×' ? 2 : 0)} ${unit}`
  const verdict = limit === undefined ? '' : isOver(figure) ? 'OVER' : 'ok'
  const head = line(figure.what, limit === undefined ? '–' : format(limit), format(figure.measured), verdict)
  return `${head}\n    ${figure.detail}\n`
}

function line(what: string, limit: string, measured: string, verdict: string): string {
  return `${what.padEnd(64)} ${limit.padStart(10)} ${measured.padStart(10)}  ${verdict}`.trimEnd()
}
