import { randomUUID } from 'node:crypto'
import { Fault, type Long, longOf } from './values.ts'

/**
 * JSON is read with numbers that cannot hold all integers of 64 bits. Those that are long are read as texts that
 * begin with this mark, which nobody can know beforehand.
 */
const MARK = `integer ${randomUUID()} `
/** No integer of fewer digits is beyond 2^53. */
const DIGITS = 16
const LONG = /\d{16}/
/** Strings, comments, names and integers of a policy. */
const OF_POLICY = /"(?:[^"\\]|\\[\s\S])*"|\/\/[^\n]*|[A-Za-z_]\w*|\d+/g
/** Strings and numbers of JSON. */
const OF_JSON = /"(?:[^"\\]|\\[\s\S])*"|-?\d[\d.eE+-]*/g
const INTEGER = /^-?\d+$/

export function markPolicy(policy: string): string {
  return LONG.test(policy) ? policy.replace(OF_POLICY, marked) : policy
}

/** As `JSON.parse`, but that long integers are marked. @throws SyntaxError */
export function parseMarked(json: string): unknown {
  return JSON.parse(LONG.test(json) ? json.replace(OF_JSON, marked) : json)
}

function marked(token: string): string {
  return token.length >= DIGITS && INTEGER.test(token) ? `"${MARK}${token}"` : token
}

export function isMarked(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith(MARK)
}

export function longOfMarked(mark: string, negative = false): Long | Fault {
  const number = BigInt(mark.slice(MARK.length))
  return longOf(negative ? -number : number) ?? new Fault('an integer beyond 64 bits')
}
