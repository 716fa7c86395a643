import type { Call } from '../../../core/call.ts'
import { methodOf } from '../../../core/call.ts'
import type { Caller } from '../../../core/caller.ts'
import type { BackendRequest } from '../../../core/ports.ts'
import type { Changes } from '../../../core/raw.ts'
import { RawObject } from '../../../core/raw.ts'
import type { TraceContext } from '../../../core/trace.ts'
import type { Headers, OutgoingRequest } from '../channel.ts'
import type { Patron, Peer } from '../connection.ts'
import { requestFrame } from '../message.ts'
import { capabilitiesFor, META, traceHeaders, traceMembers, withoutReserved } from '../meta.ts'
import { originName } from '../params.ts'
import type { ParamHeader } from './headers.ts'
import { encodeHeader, unknownOf, valuesOf } from './headers.ts'

export const VERSION = '2026-07-28'

export interface EncodeOptions {
  readonly id: number
  /** Whether the wire has headers, and with them an answer stream per request. */
  readonly http: boolean
  /** Of the tool that is called. */
  readonly paramHeaders: readonly ParamHeader[]
  /** The parameters, where they are not those of the call: a retry with inputs. */
  readonly params: RawObject
}

const NO_HEADERS: Headers = {}

/** A call as it goes to a modern server: this caller's `_meta`, and the headers that repeat the body. */
export function encode(request: BackendRequest, options: EncodeOptions): OutgoingRequest {
  const { call, item, caller } = request
  const { id, http, params } = options
  const token = http ? undefined : id
  const meta = metaOf(params, caller, { token, trace: request.trace })
  // A literal with two spreads is slow on Node 20.
  const changes: Changes = Object.assign({}, originName(call, item), meta)
  const body = requestFrame(id, methodOf(call), ...params.piecesWith(changes))
  return { id, body, headers: http ? headersOf(request, options) : NO_HEADERS, caller }
}

export interface OwnOptions {
  readonly id: number
  readonly peer: Peer
  readonly patron: Patron | undefined
}

/** A request that the gateway makes on its own behalf, or on that of the patron of the connection. */
export function encodeOwn(method: string, params: object, options: OwnOptions): OutgoingRequest {
  const { id, peer, patron } = options
  const _meta = {
    [META.version]: VERSION,
    [META.client]: peer.info,
    [META.capabilities]: peer.capabilities,
  }
  const body = requestFrame(id, method, Buffer.from(JSON.stringify({ ...params, _meta })))
  return { id, body, headers: baseHeaders(method), caller: patron?.caller }
}

function headersOf({ call, item, trace }: BackendRequest, options: EncodeOptions): Headers {
  const headers = baseHeaders(methodOf(call))
  if (trace !== undefined) Object.assign(headers, traceHeaders(trace))
  const name = nameOf(call, item.origin.name)
  if (name !== undefined) headers['mcp-name'] = encodeHeader(name)
  const { paramHeaders, params } = options
  if (call.kind === 'tool' && call.paramHeaders !== undefined)
    Object.assign(headers, unknownOf(call.paramHeaders, paramHeaders))
  return paramHeaders.length === 0 ? headers : Object.assign(headers, valuesOf(paramHeaders, params))
}

function baseHeaders(method: string): Record<string, string> {
  return { 'mcp-protocol-version': VERSION, 'mcp-method': method }
}

/** What `Mcp-Name` repeats (MCP 2026-07-28, basic/transports, Standard Headers). */
function nameOf(call: Call, origin: string): string | undefined {
  if (call.kind === 'tool' || call.kind === 'prompt') return origin
  if (call.kind === 'task') return call.taskId
  return call.kind === 'resource' ? call.uri : undefined
}

interface OfThisHop {
  /** In the place of the client's progress token, where the wire is shared. */
  readonly token: number | undefined
  readonly trace: TraceContext | undefined
}

function metaOf(params: RawObject, caller: Caller, { token, trace }: OfThisHop): Changes {
  const meta = params.object('_meta')
  const capabilities = capabilitiesFor('modern', caller)
  const own: Record<string, string | undefined> = trace === undefined ? {} : { ...traceMembers(trace) }
  const asSent = meta !== undefined && isStamped(meta, caller)
  if (!asSent || capabilities !== caller.capabilities) own[META.capabilities] = JSON.stringify(capabilities)
  if (!asSent) Object.assign(own, stamp(caller))
  if (token !== undefined && meta?.has('progressToken')) own['progressToken'] = `${token}`
  if (asSent) return isEmpty(own) ? {} : { _meta: meta.textWith(own) }
  const kept = (meta && withoutReserved(meta)) ?? RawObject.empty
  return { _meta: kept.textWith(own) }
}

/** A modern client's own `_meta` already says what this hop has to say. */
function isStamped(meta: RawObject, caller: Caller): boolean {
  return caller.era === 'modern' && meta.text(META.version) === `"${VERSION}"` && meta.has(META.capabilities)
}

/** A legacy client sets its log level for a session; until it does, servers decide what to send, and these all. */
function stamp(caller: Caller): Record<string, string> {
  const own = { [META.version]: `"${VERSION}"`, [META.client]: JSON.stringify(caller.client) }
  return caller.era === 'legacy' ? { ...own, [META.logLevel]: `"${caller.logLevel ?? 'debug'}"` } : own
}

function isEmpty(object: object): boolean {
  for (const _ in object) return false
  return true
}
