import { MAX_VALUE_DEPTH, type Sink } from './bounds.ts'
import { sortedKeys } from './characters.ts'
import { Fault } from './errors.ts'

const UNSAFE: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
}

/** JSON as Go's `json.Marshal` writes it: keys sorted, no spaces, `<`, `>` and `&` escaped. */
export function writeJson(sink: Sink, value: unknown, depth = 0): void {
  if (depth > MAX_VALUE_DEPTH)
    throw new Fault('limit', `json: the value is nested deeper than ${MAX_VALUE_DEPTH} levels`)
  if (Array.isArray(value)) writeList(sink, value, depth)
  else if (typeof value === 'object' && value !== null)
    writeObject(sink, value as Record<string, unknown>, depth)
  else sink.write(scalar(value))
}

function writeList(sink: Sink, list: readonly unknown[], depth: number): void {
  sink.write('[')
  for (let i = 0; i < list.length; i++) {
    if (i > 0) sink.write(',')
    writeJson(sink, list[i], depth + 1)
  }
  sink.write(']')
}

function writeObject(sink: Sink, object: Record<string, unknown>, depth: number): void {
  sink.write('{')
  let separator = ''
  for (const key of sortedKeys(object)) {
    sink.write(`${separator}${jsonString(key)}:`)
    writeJson(sink, object[key], depth + 1)
    separator = ','
  }
  sink.write('}')
}

function scalar(value: unknown): string {
  if (typeof value === 'string') return jsonString(value)
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new Fault('value', `json: ${value} has no JSON form`)
  if (Object.is(value, -0)) return '-0'
  return value === undefined ? 'null' : String(value)
}

function jsonString(text: string): string {
  return JSON.stringify(text).replace(/[<>&\u2028\u2029]/g, (char) => UNSAFE[char] as string)
}

export function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The message of JSON.parse quotes the text, which may be secret.
    throw new Fault('value', 'fromJson: the string is not valid JSON')
  }
}
