import { isUtf8 } from 'node:buffer'
import type { JsonObject } from '../../core/catalog.ts'
import { GatewayError } from '../../core/errors.ts'
import { RawObject } from '../../core/raw.ts'

/** Bytes that one message of a client may have. */
export const MAX_MESSAGE = 8 * 1024 * 1024

/** The id of a request: its JSON text as sent, to be echoed, and a key that equal ids share. */
export interface RequestId {
  readonly text: string
  readonly key: string
}

export interface RpcRequest {
  readonly kind: 'request'
  readonly id: RequestId
  readonly method: string
  /** The parameters parsed, for reading; `raw` is for relaying. */
  readonly params: JsonObject
  readonly raw: RawObject
}

export interface RpcNotification {
  readonly kind: 'notification'
  readonly method: string
  readonly params: JsonObject
  readonly raw: RawObject
}

export interface RpcResponse {
  readonly kind: 'response'
  readonly id: RequestId
  readonly message: RawObject
}

/** What is not a message; `id` where one could still be read, so that the sender learns of it. */
export interface Invalid {
  readonly kind: 'invalid'
  readonly id: RequestId | undefined
  readonly error: GatewayError
}

export type Message = RpcRequest | RpcNotification | RpcResponse | Invalid

/** Reads one JSON-RPC 2.0 message. Never throws. */
export function readMessage(bytes: Buffer): Message {
  try {
    if (!isUtf8(bytes)) return invalid('parse', 'not valid JSON: the text is not UTF-8')
    // The scan goes first: it bounds the depth of what JSON.parse is given.
    const raw = RawObject.scan(bytes, ['params'])
    return classify(raw, raw.parse())
  } catch (error) {
    if (isValue(bytes)) return invalid('invalid_request', 'a message is a JSON object')
    return { kind: 'invalid', id: undefined, error: GatewayError.from(error) }
  }
}

/** Whether the bytes are JSON, but no object: text, a number, a boolean or null. Lists are batches. */
function isValue(bytes: Buffer): boolean {
  if (/^\s*[{[]/.test(bytes.toString('latin1', 0, 64))) return false
  try {
    JSON.parse(bytes.toString())
    return true
  } catch {
    return false
  }
}

function classify(raw: RawObject, value: JsonObject): Message {
  const id = readId(raw, value['id'])
  if (value['jsonrpc'] !== '2.0') return invalid('invalid_request', '"jsonrpc" must be "2.0"', id)
  if ('id' in value && id === undefined) {
    return invalid('invalid_request', '"id" must be a string or an integer')
  }
  if (typeof value['method'] === 'string') return withMethod(raw, value, id)
  if (id !== undefined && ('result' in value || 'error' in value))
    return { kind: 'response', id, message: raw }
  return invalid('invalid_request', 'a message has a "method", or an "id" with a "result" or an "error"', id)
}

function withMethod(message: RawObject, value: JsonObject, id: RequestId | undefined): Message {
  const method = value['method'] as string
  const params = value['params'] ?? {}
  if (typeof params !== 'object' || Array.isArray(params)) {
    return invalid('invalid_request', '"params" must be an object', id)
  }
  const raw = message.object('params') ?? RawObject.empty
  if (id === undefined) return { kind: 'notification', method, params: params as JsonObject, raw }
  return { kind: 'request', id, method, params: params as JsonObject, raw }
}

function readId(raw: RawObject, value: unknown): RequestId | undefined {
  const key = idKey(value)
  return key === undefined ? undefined : { text: raw.text('id') as string, key }
}

/** A key that tells `1` from `"1"`; `undefined` for what cannot be an id. */
export function idKey(value: unknown): string | undefined {
  if (typeof value === 'string') return `s${value}`
  return Number.isInteger(value) ? `n${value}` : undefined
}

function invalid(code: 'parse' | 'invalid_request', message: string, id?: RequestId): Invalid {
  return { kind: 'invalid', id, error: new GatewayError(code, message) }
}

/** Whether the bytes are a JSON array, if anything. */
export function isBatch(bytes: Buffer): boolean {
  let at = 0
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at++
  return bytes[at] === 0x5b
}
