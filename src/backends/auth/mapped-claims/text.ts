import { GatewayError } from '../../../core/errors.ts'
import type { ClaimHeaderConfig } from '../../../core/mapped-claims-config.ts'

/** Visible ASCII with spaces within. Anything else is not portable, and line breaks are an attack. */
const PLAIN = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/
const MOST_BYTES = 8 * 1024

/**
 * A claim as the value of a header; `undefined` for one that is missing or empty.
 * @throws GatewayError `unauthenticated` for what no header can hold, without the value
 */
export function headerText(value: unknown, config: ClaimHeaderConfig): string | undefined {
  const { separator } = config
  const isList = Array.isArray(value)
  const items = (isList ? value : [value]).flatMap((item: unknown) => textOf(item) ?? [])
  if (items.length === 0) return undefined
  const encoded = items.map((item) => encode(item, config))
  // Else one item could pass for two, such as a group that is named "staff,admin".
  if (isList && encoded.some((item) => item.includes(separator)))
    throw unfit(config, `an item with ${JSON.stringify(separator)} in it, which stands between items`)
  const text = encoded.join(separator)
  if (text.length > MOST_BYTES) throw unfit(config, `more than ${MOST_BYTES} bytes`)
  return text
}

/** Of lists within lists, and of objects, as JSON. */
function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function encode(text: string, config: ClaimHeaderConfig): string {
  if (config.encoding === 'percent') return percentEncoded(text)
  if (PLAIN.test(text)) return text
  throw unfit(config, 'what no header can hold as it is', '; encoding: percent would send it')
}

/** Half a character, which is no UTF-8, becomes the replacement character. */
function percentEncoded(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString())
}

function unfit({ claim, header }: ClaimHeaderConfig, what: string, mend = ''): GatewayError {
  return new GatewayError('unauthenticated', `the caller's claim ${claim}, for ${header}, has ${what}${mend}`)
}
