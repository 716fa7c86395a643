import { InvalidArgumentError } from 'commander'
import { parseDuration } from '../config/duration.ts'
import type { JsonObject } from '../core/catalog.ts'
import { isObject } from '../core/json.ts'

/** Parsers of option values, as commander calls them. */

export function port(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new InvalidArgumentError('expected a port from 0 to 65535')
  return Number(text)
}

export function processId(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new InvalidArgumentError('expected the id of a process')
  return Number(text)
}

export function duration(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined || ms === 0) throw new InvalidArgumentError('expected a time such as 30m or 1h30m')
  return ms
}

export function collect(text: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), text]
}

/** `KEY=VALUE`, any number of times. */
export function pairs(
  text: string,
  before: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('expected KEY=VALUE')
  return { ...before, [text.slice(0, at).trim()]: text.slice(at + 1) }
}

/** @throws what `refuse` makes where it is no object */
export function objectOf(text: string, refuse: (message: string) => Error): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = undefined
  }
  if (isObject(value)) return value
  throw refuse('expected a JSON object')
}
