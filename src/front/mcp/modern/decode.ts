import type { Caller } from '../../../core/caller.ts'
import type { JsonObject } from '../../../core/catalog.ts'
import { GatewayError } from '../../../core/errors.ts'
import { isObject } from '../../../core/json.ts'
import { isLogLevel, type LogLevel } from '../log-level.ts'
import { ALL_VERSIONS, MODERN_VERSION } from '../versions.ts'
import type { Visit } from '../visit.ts'
import { META } from './stamp.ts'

/** What every request says of itself in `_meta`. */
export interface Envelope {
  readonly version: string
  readonly client: JsonObject
  readonly capabilities: JsonObject
  /** Without it no log messages are sent. */
  readonly logLevel: LogLevel | undefined
}

/** Whether the parameters are those of a modern request, well-formed or not. */
export function isModern(params: JsonObject): boolean {
  const meta = params['_meta']
  return isObject(meta) && META.version in meta
}

/** @throws GatewayError `invalid_params` naming the key that is missing or wrong */
export function readEnvelope(params: JsonObject): Envelope {
  const meta = params['_meta']
  if (!isObject(meta)) throw bad('_meta', 'an object')
  const version = meta[META.version]
  const capabilities = meta[META.capabilities]
  const client = meta[META.client] ?? {}
  const logLevel = meta[META.logLevel]
  if (typeof version !== 'string') throw bad(META.version, 'a protocol version')
  if (!isObject(capabilities)) throw bad(META.capabilities, 'an object')
  if (!isObject(client)) throw bad(META.client, 'an object')
  if (logLevel !== undefined && !isLogLevel(logLevel)) throw bad(META.logLevel, 'a log level')
  return { version, client, capabilities, logLevel }
}

/** @throws GatewayError `unsupported_version` */
export function checkVersion(requested: string): void {
  if (requested === MODERN_VERSION) return
  const how = ALL_VERSIONS.includes(requested)
    ? 'is spoken after initialize, not in _meta'
    : 'is not supported'
  throw new GatewayError('unsupported_version', `protocol version ${requested} ${how}`, {
    data: { supported: ALL_VERSIONS, requested },
  })
}

export function callerOf(envelope: Envelope, { principal, passthrough }: Visit): Caller {
  const { version, client, capabilities, logLevel } = envelope
  const session = undefined
  return {
    principal,
    era: 'modern',
    version,
    session,
    client,
    capabilities,
    logLevel,
    headers: passthrough,
  }
}

function bad(key: string, expected: string): GatewayError {
  return new GatewayError(
    'invalid_params',
    `every request of ${MODERN_VERSION} needs valid _meta keys: ${key} must be ${expected}`,
    { data: { key } },
  )
}
