import { isUtf8 } from 'node:buffer'
import type { IncomingHttpHeaders } from 'node:http'
import { GatewayError } from '../../../core/errors.ts'
import type { RpcNotification, RpcRequest } from '../message.ts'

/** The member of the parameters that `Mcp-Name` repeats (SEP-2243). */
const NAMED_BY: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  // SEP-2663, Streamable HTTP: Routing Headers.
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
])

/** The headers of a request must be there and say what its body says. @throws GatewayError `header_mismatch` */
export function checkHeaders(headers: IncomingHttpHeaders, request: RpcRequest, version: string): void {
  expectHeader(headers, 'mcp-protocol-version', version)
  expectHeader(headers, 'mcp-method', request.method)
  const member = NAMED_BY.get(request.method)
  const name = member === undefined ? undefined : request.params[member]
  if (typeof name === 'string') expectHeader(headers, 'mcp-name', name)
}

/** Notifications need no headers, but those that they have must be right. */
export function checkNotificationHeaders(headers: IncomingHttpHeaders, { method }: RpcNotification): void {
  if (headers['mcp-method'] !== undefined) expectHeader(headers, 'mcp-method', method)
}

function expectHeader(headers: IncomingHttpHeaders, name: string, expected: string): void {
  const sent = headers[name] as string | undefined
  // Ordinary values need no decoding; this is the way of nearly every request.
  if (sent === expected && !isEncoded(sent)) return
  if (sent === undefined) throw mismatch(name, `is missing; the body says ${JSON.stringify(expected)}`)
  const value = decodeValue(sent)
  if (value === undefined) throw mismatch(name, 'is not valid base64 of UTF-8 text')
  if (value !== expected) {
    throw mismatch(name, `says ${JSON.stringify(value)}, the body says ${JSON.stringify(expected)}`)
  }
}

export function mismatch(header: string, what: string): GatewayError {
  return new GatewayError('header_mismatch', `header ${header} ${what}`, { data: { header } })
}

const SENTINEL = '=?base64?'
const SENTINEL_END = '?='

function isEncoded(value: string): boolean {
  return value.startsWith(SENTINEL) && value.endsWith(SENTINEL_END)
}

/** Takes off optional whitespace and the base64 sentinel; `undefined` when what it holds is not canonical. */
export function decodeValue(header: string): string | undefined {
  const value = header.trim()
  if (!isEncoded(value) || value.length < SENTINEL.length + SENTINEL_END.length) return value
  const encoded = value.slice(SENTINEL.length, -SENTINEL_END.length)
  const bytes = Buffer.from(encoded, 'base64')
  return bytes.toString('base64') === encoded && isUtf8(bytes) ? bytes.toString() : undefined
}
