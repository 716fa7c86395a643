import type { Caller } from '../../../core/caller.ts'
import type { JsonObject } from '../../../core/catalog.ts'
import { GatewayError } from '../../../core/errors.ts'
import { isObject } from '../../../core/json.ts'
import { LATEST_LEGACY, LEGACY_VERSIONS } from '../versions.ts'
import type { Visit } from '../visit.ts'
import type { Session } from './session.ts'

/** What a session keeps of `initialize`, as JSON text: it is held for as long as the session. */
const MAX_INTRODUCTION = 64 * 1024

/** The caller whom `initialize` introduces. @throws GatewayError `invalid_params`, `too_large` */
export function readIntroduction(params: JsonObject, visit: Visit): Omit<Caller, 'session'> {
  const { protocolVersion: asked, capabilities = {}, clientInfo: client = {} } = params
  if (typeof asked !== 'string') throw invalid('protocolVersion', 'a string such as "2025-11-25"')
  if (!isObject(capabilities)) throw invalid('capabilities', 'an object')
  if (!isObject(client)) throw invalid('clientInfo', 'an object')
  if (JSON.stringify([capabilities, client]).length > MAX_INTRODUCTION) {
    throw new GatewayError(
      'too_large',
      `capabilities and clientInfo may have ${MAX_INTRODUCTION} bytes together`,
    )
  }
  // A version that is unknown, or has no initialize, is answered with the newest that has.
  const version = LEGACY_VERSIONS.includes(asked) ? asked : LATEST_LEGACY
  const { principal, passthrough: headers } = visit
  return { principal, era: 'legacy', version, client, capabilities, logLevel: undefined, headers }
}

/** The session's caller with what this one request says of it: credentials and headers may change. */
export function callerOf(session: Session, { principal, passthrough }: Visit): Caller {
  const { caller } = session
  if (caller.principal === principal && caller.headers === passthrough) return caller
  return { ...caller, principal, headers: passthrough }
}

function invalid(name: string, expected: string): GatewayError {
  return new GatewayError('invalid_params', `params.${name} must be ${expected}`)
}
