import type { Caller, Principal } from '../../core/caller.ts'
import type { JsonObject } from '../../core/catalog.ts'
import { shorten } from './shorten.ts'

/** Who: the names of the person or service, and of the program that it uses. */
export function subjectsOf(principal: Principal | undefined, caller: Caller | undefined): JsonObject {
  const { client = {} } = caller ?? {}
  return {
    user: nameOf(principal),
    ...text('user_id', principal?.subject),
    ...text('client_name', client['name']),
    ...text('client_version', client['version']),
  }
}

function nameOf(principal: Principal | undefined): string {
  if (principal === undefined) return 'anonymous'
  const { claims, subject } = principal
  const name = ['name', 'preferred_username', 'email'].map((claim) => claims[claim]).find(isText)
  return shorten(name ?? subject)
}

/**
 * On whose behalf whose hands act (RFC 8693 §4.1): the actor of now comes first, behind it those before. `undefined`
 * where nobody acts for another.
 */
export function delegationOf(principal: Principal | undefined, most: number): JsonObject | undefined {
  const actors: JsonObject[] = []
  let act = principal?.claims['act']
  for (; isObject(act) && actors.length < most; act = act['act']) {
    actors.push({
      ...text('user_id', act['sub']),
      ...text('issuer', act['iss']),
      ...text('client_id', act['client_id']),
    })
  }
  if (actors.length === 0) return undefined
  return { actors, ...(isObject(act) && { truncated: true }) }
}

function text(key: string, value: unknown): JsonObject {
  return isText(value) ? { [key]: shorten(value) } : {}
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
