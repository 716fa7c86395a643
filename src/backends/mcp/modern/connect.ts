import { GatewayError } from '../../../core/errors.ts'
import { isObject } from '../../../core/json.ts'
import type { ServerFacts } from '../../../core/ports.ts'
import type { RawObject } from '../../../core/raw.ts'
import type { Connection, ConnectOptions } from '../connection.ts'
import { META } from '../meta.ts'
import type { Landing } from '../result.ts'
import { greetingOf } from '../result.ts'
import { ModernConnection } from './connection.ts'
import { discover, speaksModern } from './discover.ts'
import { VERSION } from './request.ts'

/** @throws GatewayError when the server cannot be reached or is not a modern one */
export async function connect(options: ConnectOptions, signal: AbortSignal): Promise<Connection> {
  return adopt(options, await discover(options, signal))
}

/** The connection that a successful `server/discover` stands for. @throws GatewayError */
export function adopt(options: ConnectOptions, discovered: Landing): Connection {
  const { name } = options.site
  const result = greetingOf(discovered, name)
  if (!speaksModern(result)) throw notModern(name, result)
  return new ModernConnection(options, toFacts(result))
}

function toFacts(result: RawObject): ServerFacts {
  const { capabilities, instructions, _meta } = result.parse()
  const info = isObject(_meta) ? _meta[META.server] : undefined
  return {
    era: 'modern',
    version: VERSION,
    info: isObject(info) ? info : {},
    capabilities: isObject(capabilities) ? capabilities : {},
    instructions: typeof instructions === 'string' ? instructions : undefined,
  }
}

function notModern(name: string, result: RawObject): GatewayError {
  const versions = result.text('supportedVersions') ?? 'none'
  return new GatewayError(
    'bad_gateway',
    `backend '${name}': it supports ${versions}, and not ${VERSION}; set era: auto`,
  )
}
