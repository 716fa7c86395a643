/** A positive number as decimal digits: 0.d₁d₂d₃… × 10^point, without zeros at the end. */
interface Decimal {
  readonly digits: string
  readonly point: number
}

/** From which power of ten on the shortest form has an exponent: 6 in Go. */
export const GO_EXPONENT = 6
/** As in JSON and JavaScript. */
export const PLAIN_EXPONENT = 21

/**
 * Go's `strconv.FormatFloat` for the formats `e`, `f` and `g`; a precision below 0 asks for the shortest text that reads
 * back as the same number.
 */
export function formatFloat(
  value: number,
  format: string,
  precision: number,
  exponent = GO_EXPONENT,
): string {
  if (Number.isNaN(value)) return 'NaN'
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  const size = Math.abs(value)
  if (size === Number.POSITIVE_INFINITY) return `${sign || '+'}Inf`
  const exact = precision < 0 ? undefined : exactOf(size)
  // How many digits each format keeps is its own affair; the shortest text keeps all that it has.
  const kept = (count: (point: number) => number) =>
    exact ? rounded(exact, count(exact.point)) : shortestOf(size)
  switch (format) {
    case 'e':
      return (
        sign +
        scientific(
          kept(() => precision + 1),
          precision,
        )
      )
    case 'f':
      return (
        sign +
        fixed(
          kept((point) => point + precision),
          precision,
        )
      )
    default:
      return (
        sign +
        general(
          kept(() => precision || 1),
          precision,
          exponent,
        )
      )
  }
}

/** Whichever of the two others is shorter, by the rule of C's `%g`. */
function general(decimal: Decimal, precision: number, shortestExponent: number): string {
  const { digits, point } = decimal
  const wanted = precision === 0 ? 1 : precision
  let limit = wanted
  if (limit > digits.length && digits.length >= point) limit = digits.length
  if (precision < 0) limit = shortestExponent
  const exponent = digits === '' ? -1 : point - 1
  if (exponent < -4 || exponent >= limit) return scientific(decimal, Math.max(digits.length, 1) - 1)
  return fixed(decimal, Math.max(digits.length - point, 0))
}

function scientific({ digits, point }: Decimal, precision: number): string {
  const places = precision < 0 ? Math.max(digits.length - 1, 0) : precision
  const exponent = digits === '' ? 0 : point - 1
  const fraction = places > 0 ? `.${digits.slice(1).padEnd(places, '0')}` : ''
  return `${digits[0] ?? '0'}${fraction}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
}

function fixed({ digits, point }: Decimal, precision: number): string {
  const places = precision < 0 ? Math.max(digits.length - point, 0) : precision
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0'
  if (places === 0) return whole
  const zeros = '0'.repeat(Math.min(Math.max(-point, 0), places))
  return `${whole}.${(zeros + digits.slice(Math.max(point, 0))).padEnd(places, '0')}`
}

function shortestOf(size: number): Decimal {
  if (size === 0) return { digits: '', point: 0 }
  const [mantissa = '', exponent = '0'] = size.toExponential().split('e')
  return { digits: mantissa.replace('.', ''), point: Number(exponent) + 1 }
}

/** Every digit: a double is a whole number times a power of two, so its decimal form ends. */
function exactOf(size: number): Decimal {
  if (size === 0) return { digits: '', point: 0 }
  const { mantissa, exponent } = binaryOf(size)
  const text = (exponent >= 0 ? mantissa << BigInt(exponent) : mantissa * 5n ** BigInt(-exponent)).toString()
  return trimmed(text, exponent >= 0 ? text.length : text.length + exponent)
}

/** `size` is mantissa × 2^exponent. */
function binaryOf(size: number): { readonly mantissa: bigint; readonly exponent: number } {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, size)
  const bits = view.getBigUint64(0)
  const biased = Number((bits >> 52n) & 0x7ffn)
  const fraction = bits & 0xfffffffffffffn
  if (biased === 0) return { mantissa: fraction, exponent: -1074 }
  return { mantissa: fraction | 0x10000000000000n, exponent: biased - 1075 }
}

/** To `count` digits, halves to even; fewer than none leaves zero. */
function rounded(decimal: Decimal, count: number): Decimal {
  const { digits, point } = decimal
  if (count >= digits.length) return decimal
  if (count < 0) return { digits: '', point: 0 }
  const kept = digits.slice(0, count)
  if (!roundsUp(digits, count)) return trimmed(kept, point)
  const up = (BigInt(kept === '' ? '0' : kept) + 1n).toString()
  return trimmed(up, up.length > kept.length ? point + 1 : point)
}

function roundsUp(digits: string, count: number): boolean {
  const next = digits[count] ?? '0'
  if (next !== '5' || digits.length > count + 1) return next >= '5'
  return count > 0 && Number(digits[count - 1]) % 2 === 1
}

function trimmed(text: string, point: number): Decimal {
  const digits = text.replace(/0+$/, '')
  return digits === '' ? { digits, point: 0 } : { digits, point }
}
