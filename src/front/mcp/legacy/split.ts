import { GatewayError } from '../../../core/errors.ts'

const MAX_BATCH = 100

/** The elements of a JSON array as bytes. @throws GatewayError `parse`, `invalid_request` */
export function splitBatch(bytes: Buffer): Buffer[] {
  const elements = parseArray(bytes)
  if (elements.length === 0) throw new GatewayError('invalid_request', 'a batch must not be empty')
  if (elements.length > MAX_BATCH) {
    throw new GatewayError('invalid_request', `a batch may have ${MAX_BATCH} messages at most`)
  }
  return sliceElements(bytes, elements.length)
}

function parseArray(bytes: Buffer): unknown[] {
  try {
    return JSON.parse(bytes.toString()) as unknown[]
  } catch (cause) {
    throw new GatewayError('parse', `not valid JSON: ${(cause as Error).message}`, { cause })
  }
}

const [QUOTE, BACKSLASH, COMMA, OPEN, CLOSE] = [0x22, 0x5c, 0x2c, 0x5b, 0x5d]
const [OPEN_BRACE, CLOSE_BRACE] = [0x7b, 0x7d]

/** `bytes` is known to be a valid JSON array, so that commas at its own level separate its elements. */
function sliceElements(bytes: Buffer, count: number): Buffer[] {
  const slices: Buffer[] = []
  let depth = 0
  let from = 0
  for (let at = 0; slices.length < count && at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) at = endOfString(bytes, at)
    else if (byte === OPEN || byte === OPEN_BRACE) {
      if (depth++ === 0) from = at + 1
    } else if (
      (byte === COMMA && depth === 1) ||
      ((byte === CLOSE || byte === CLOSE_BRACE) && --depth === 0)
    ) {
      slices.push(bytes.subarray(from, at))
      from = at + 1
    }
  }
  return slices
}

function endOfString(bytes: Buffer, start: number): number {
  let at = start + 1
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1
  return at
}
