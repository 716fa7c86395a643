import { isObject } from '../core/json.ts'
import type { Finding } from './diagnostics.ts'
import { parseDuration } from './duration.ts'
import type { Path } from './path.ts'

/**
 * A value with its path. Reading what is absent or of another shape gives nothing, so that rules can judge
 * a document that the schema refuses elsewhere.
 */
export interface Place {
  readonly path: Path
  readonly value: unknown
}

export function child(place: Place, ...keys: readonly string[]): Place {
  return keys.reduce<Place>(step, place)
}

function step({ path, value }: Place, key: string): Place {
  return {
    path: [...path, key],
    value: isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined,
  }
}

export function exists(place: Place): boolean {
  return place.value !== undefined && place.value !== null
}

export function items({ path, value }: Place): Place[] {
  return Array.isArray(value)
    ? value.map((item: unknown, index) => ({ path: [...path, index], value: item }))
    : []
}

export function entries({ path, value }: Place): [string, Place][] {
  if (!isObject(value)) return []
  return Object.entries(value).map(([key, member]) => [key, { path: [...path, key], value: member }])
}

export function textAt({ value }: Place): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function numberAt({ value }: Place): number | undefined {
  return typeof value === 'number' ? value : undefined
}

/** Milliseconds. */
export function durationAt({ value }: Place): number | undefined {
  return typeof value === 'string' ? parseDuration(value) : undefined
}

export function wrong(place: Place, message: string, hint?: string): Finding {
  return { severity: 'error', path: place.path, message, hint }
}

/** Of a block as a whole: it points at the key. */
export function wrongBlock(place: Place, message: string, hint?: string): Finding {
  return { severity: 'error', path: place.path, part: 'key', message, hint }
}

export function odd(place: Place, message: string, hint?: string): Finding {
  return { severity: 'warning', path: place.path, message, hint }
}
