import { LIMITS } from './limits.ts'

/** For sentences: what kind of JSON value this is. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** Whether arrays and objects nest at most this deep; a scalar is depth 0. Needs no stack. */
export function isWithinDepth(value: unknown, depth: number): boolean {
  let level: unknown[] = [value]
  for (let left = depth; level.length > 0; left--) {
    const containers = level.filter((item) => typeof item === 'object' && item !== null) as object[]
    if (containers.length > 0 && left === 0) return false
    level = containers.flatMap((item) => Object.values(item))
  }
  return true
}

/** A rendered value as text for a person. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return value === null || value === undefined ? '' : JSON.stringify(value)
}

/** Texts of errors come from anywhere. */
export function shorten(text: string): string {
  return text.length > LIMITS.errorCharacters ? `${text.slice(0, LIMITS.errorCharacters)}…` : text
}
