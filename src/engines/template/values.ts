import { isObject } from '../../core/json.ts'
/** How a value is called in errors. Whole numbers of the template itself are `bigint`, all others are `number`. */
export function describe(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  switch (typeof value) {
    case 'string':
      return 'a string'
    case 'boolean':
      return 'a boolean'
    case 'number':
    case 'bigint':
      return 'a number'
    default:
      return 'an object'
  }
}

/** Go's name of the type, as `%T` prints it. */
export function goType(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}'
  switch (typeof value) {
    case 'string':
      return 'string'
    case 'boolean':
      return 'bool'
    case 'number':
      return 'float64'
    case 'bigint':
      return 'int'
    default:
      return 'map[string]interface {}'
  }
}

/** Go's truth: not zero, not empty, not nil. */
export function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  if (!isObject(value)) return Boolean(value) || Number.isNaN(value)
  for (const key in value) if (Object.hasOwn(value, key)) return true
  return false
}

/** A number of the template (`bigint`) leaves it as a JSON number. */
export function toJson(value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value
}
