import { isDeepStrictEqual } from 'node:util'
import { isObject } from './json.ts'

/** A keyword that judges a value on its own, without looking into it. */
export interface Assertion {
  /** Whether the schema may say this. */
  readonly takes: (wanted: unknown) => boolean
  /** What is wrong, without a word of the value itself. Values of other types are none of its business. */
  readonly judge: (value: unknown, wanted: unknown) => string | undefined
}

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  object: isObject,
  array: Array.isArray,
  null: (value) => value === null,
}

const isCount = (wanted: unknown): wanted is number => Number.isInteger(wanted) && (wanted as number) >= 0
const isNumber = (wanted: unknown): wanted is number => typeof wanted === 'number'

/** One that concerns numbers only. */
function ofNumbers(fits: (value: number, wanted: number) => boolean, what: string): Assertion {
  return assertion(isNumber, (value, wanted) =>
    typeof value !== 'number' || fits(value, wanted) ? undefined : `${what} ${wanted}`,
  )
}

/** One that concerns the size of what `sizeOf` knows a size of. */
function ofSize(sizeOf: (value: unknown) => number | undefined, side: 'least' | 'most', unit: string) {
  return assertion(isCount, (value, wanted) => {
    const size = sizeOf(value)
    if (size === undefined || (side === 'least' ? size >= wanted : size <= wanted)) return undefined
    return `must have at ${side} ${wanted} ${unit}`
  })
}

function assertion<Wanted>(
  takes: (wanted: unknown) => wanted is Wanted,
  judge: (value: unknown, wanted: Wanted) => string | undefined,
): Assertion {
  return { takes, judge: (value, wanted) => judge(value, wanted as Wanted) }
}

/** In code points, as JSON Schema counts. */
const characters = (value: unknown) => (typeof value === 'string' ? [...value].length : undefined)
const items = (value: unknown) => (Array.isArray(value) ? value.length : undefined)
const members = (value: unknown) => (isObject(value) ? Object.keys(value).length : undefined)

const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  email: (text) => text.length <= 320 && /^[^\s@]+@[^\s@]+$/.test(text),
  uri: (text) => URL.canParse(text),
  date: (text) => /^\d{4}-\d\d-\d\d$/.test(text) && isDate(text),
  'date-time': (text) => /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/.test(text),
}

/** The calendar of JavaScript lets 30 February overflow into March. */
function isDate(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}

export const ASSERTIONS: Readonly<Record<string, Assertion>> = {
  type: assertion(isTypes, (value, wanted) => {
    const types = [wanted].flat()
    return types.some((type) => TYPES[type]?.(value)) ? undefined : `expected ${types.join(' or ')}`
  }),
  enum: assertion(Array.isArray as (wanted: unknown) => wanted is unknown[], (value, wanted) =>
    wanted.some((choice) => isDeepStrictEqual(choice, value))
      ? undefined
      : `expected one of ${wanted.map((choice) => JSON.stringify(choice)).join(', ')}`,
  ),
  const: assertion(
    (_): _ is unknown => true,
    (value, wanted) => (isDeepStrictEqual(wanted, value) ? undefined : `expected ${JSON.stringify(wanted)}`),
  ),
  minimum: ofNumbers((value, wanted) => value >= wanted, 'must be at least'),
  maximum: ofNumbers((value, wanted) => value <= wanted, 'must be at most'),
  exclusiveMinimum: ofNumbers((value, wanted) => value > wanted, 'must be more than'),
  exclusiveMaximum: ofNumbers((value, wanted) => value < wanted, 'must be less than'),
  multipleOf: ofNumbers((value, wanted) => Number.isInteger(value / wanted), 'must be a multiple of'),
  minLength: ofSize(characters, 'least', 'characters'),
  maxLength: ofSize(characters, 'most', 'characters'),
  minItems: ofSize(items, 'least', 'items'),
  maxItems: ofSize(items, 'most', 'items'),
  minProperties: ofSize(members, 'least', 'members'),
  maxProperties: ofSize(members, 'most', 'members'),
  pattern: assertion(isPattern, (value, wanted) =>
    typeof value !== 'string' || toRegExp(wanted).test(value) ? undefined : `must match ${wanted}`,
  ),
  // Formats that are not here are notes (JSON Schema 2020-12 validation, §7.2.1).
  format: assertion(isText, (value, wanted) =>
    typeof value !== 'string' || (FORMATS[wanted]?.(value) ?? true)
      ? undefined
      : `expected the format ${wanted}`,
  ),
  uniqueItems: assertion(isFlag, (value, wanted) => {
    if (!wanted || !Array.isArray(value)) return undefined
    return new Set(value.map(canonical)).size === value.length ? undefined : 'items must be unique'
  }),
}

function isTypes(wanted: unknown): wanted is string | string[] {
  const types: unknown[] = [wanted].flat()
  return types.length > 0 && types.every((type) => typeof type === 'string' && Object.hasOwn(TYPES, type))
}

export function isPattern(wanted: unknown): wanted is string {
  if (!isText(wanted)) return false
  try {
    toRegExp(wanted)
    return true
  } catch {
    return false
  }
}

export function toRegExp(pattern: string): RegExp {
  return new RegExp(pattern, 'u')
}

function isText(wanted: unknown): wanted is string {
  return typeof wanted === 'string'
}

function isFlag(wanted: unknown): wanted is boolean {
  return typeof wanted === 'boolean'
}

/** The same text for values that are equal. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    isObject(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )
}
