import type { JsonObject } from '../../../core/catalog.ts'
import { GatewayError } from '../../../core/errors.ts'
import { isObject } from '../../../core/json.ts'
import type { ServerFacts } from '../../../core/ports.ts'
import type { RawObject } from '../../../core/raw.ts'
import { Questions } from '../ask.ts'
import type { Headers } from '../channel.ts'
import type { ConnectOptions } from '../connection.ts'
import { quietly } from '../connection.ts'
import { Flight } from '../flight.ts'
import { notificationFrame, requestFrame } from '../message.ts'
import { greetingOf } from '../result.ts'

/** The revisions that are spoken here, newest first. */
export const VERSIONS: readonly string[] = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05']

/** What `initialize` settled. */
export interface Session {
  readonly server: ServerFacts
  /** Sent with every further request. */
  readonly headers: Headers
  /** Whether the server gave the session an id, so that it can also forget it. */
  readonly named: boolean
}

/** @throws GatewayError when the server cannot be reached, refuses, or speaks none of our versions */
export async function initialize(options: ConnectOptions, signal: AbortSignal): Promise<Session> {
  const { channel, site, peer } = options
  const caller = options.patron?.caller
  const flight = new Flight({ ...baseOf(options), cancel() {} }, quietly(signal))
  const params = { protocolVersion: VERSIONS[0], capabilities: peer.capabilities, clientInfo: peer.info }
  const id = channel.nextId()
  const body = requestFrame(id, 'initialize', Buffer.from(JSON.stringify(params)))
  const landing = await flight.send({ id, body, headers: {}, caller })
  const server = toFacts(site.name, greetingOf(landing, site.name))
  const session = toSession(server, flight.header('mcp-session-id'))
  const initialized = notificationFrame('notifications/initialized')
  await channel.send({ body: initialized, headers: session.headers, caller })
  return session
}

/** What the handshake needs, before there is a connection. */
function baseOf(options: ConnectOptions) {
  const { channel, site, patron } = options
  return {
    name: site.name,
    log: site.log,
    questions: new Questions(),
    channel,
    timeoutMs: site.limits.connectMs,
    own: true,
    answer: (body: Buffer) => void channel.send({ body, headers: {}, caller: patron?.caller }),
  }
}

function toSession(server: ServerFacts, id: string | undefined): Session {
  const version = { 'mcp-protocol-version': server.version }
  return {
    server,
    headers: id === undefined ? version : { ...version, 'mcp-session-id': id },
    named: id !== undefined,
  }
}

function toFacts(name: string, result: RawObject): ServerFacts {
  const { protocolVersion, serverInfo, capabilities, instructions } = result.parse()
  if (typeof protocolVersion !== 'string' || !VERSIONS.includes(protocolVersion)) {
    const message = `backend '${name}': it speaks MCP ${JSON.stringify(protocolVersion)}; we speak ${VERSIONS.join(', ')}`
    throw new GatewayError('bad_gateway', message)
  }
  return {
    era: 'legacy',
    version: protocolVersion,
    info: toObject(serverInfo),
    capabilities: toObject(capabilities),
    instructions: typeof instructions === 'string' ? instructions : undefined,
  }
}

function toObject(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}
