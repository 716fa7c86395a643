import type { Caller, Principal } from '../../core/caller.ts'
import type { JsonObject } from '../../core/catalog.ts'
import { isObject } from '../../core/json.ts'
import { shorten } from './shorten.ts'
import { member, quoted } from './text.ts'

/** The claims that name a person, the best first. */
const NAMES = ['name', 'preferred_username', 'email'] as const

/** JSON text of who: the names of the person or service, and of the program that it uses. */
export function subjectsOf(principal: Principal | undefined, caller: Caller | undefined): string {
  const client = caller?.client
  const user = `"user":${quoted(nameOf(principal))}${member('user_id', text(principal?.subject))}`
  return `{${user}${member('client_name', text(client?.['name']))}${member('client_version', text(client?.['version']))}}`
}

function nameOf(principal: Principal | undefined): string {
  if (principal === undefined) return 'anonymous'
  const { claims, subject } = principal
  for (const claim of NAMES) if (isText(claims[claim])) return shorten(claims[claim])
  return shorten(subject)
}

/**
 * JSON text of on whose behalf whose hands act (RFC 8693 §4.1): the actor of now comes first, behind it those before.
 * `undefined` where nobody acts for another.
 */
export function delegationOf(principal: Principal | undefined, most: number): string | undefined {
  const actors: JsonObject[] = []
  let act = principal?.claims['act']
  for (; isObject(act) && actors.length < most; act = act['act']) {
    actors.push({ user_id: text(act['sub']), issuer: text(act['iss']), client_id: text(act['client_id']) })
  }
  if (actors.length === 0) return undefined
  return JSON.stringify({ actors, truncated: isObject(act) || undefined })
}

function text(value: unknown): string | undefined {
  return isText(value) ? shorten(value) : undefined
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
