const NANOSECONDS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
}

/** The longest time that a timer of the runtime can wait. */
export const MAX_DURATION_MS = 2 ** 31 - 1

/** For the JSON Schema; the code reads durations without it. */
export const DURATION_PATTERN = '^([0-9]+(\\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$'

/** Milliseconds, rounded up, of a time as Go writes it (`1m30s`, `1.5h`); `undefined` when it is none. */
export function parseDuration(text: string): number | undefined {
  if (text === '' || text.length > 64) return undefined
  const part = /([0-9]+(?:\.[0-9]+)?)([a-zµ]+)/y
  let total = 0
  while (part.lastIndex < text.length) {
    const [, amount, unit] = part.exec(text) ?? []
    const factor = unit !== undefined && Object.hasOwn(NANOSECONDS, unit) ? NANOSECONDS[unit] : undefined
    if (amount === undefined || factor === undefined) return undefined
    total += Number(amount) * factor
  }
  return Math.ceil(total / 1e6)
}

/** Milliseconds in Go's syntax, in the largest units that fit. */
export function formatDuration(ms: number): string {
  const units = [
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
    ['ms', 1],
  ] as const
  let rest = ms
  const printed = units.map(([unit, size]) => {
    const count = Math.floor(rest / size)
    rest -= count * size
    return count === 0 ? '' : `${count}${unit}`
  })
  return printed.join('') || '0s'
}
