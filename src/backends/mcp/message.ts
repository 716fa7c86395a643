import { isUtf8 } from 'node:buffer'
import type { RpcError } from '../../core/errors.ts'
import { parseJson, RawObject } from '../../core/raw.ts'

/** A JSON-RPC message as it arrived. `id` is JSON text. */
export type Message =
  | { readonly kind: 'response'; readonly id: string | undefined; readonly raw: RawObject }
  | { readonly kind: 'request'; readonly id: string; readonly method: string; readonly raw: RawObject }
  | { readonly kind: 'notification'; readonly method: string; readonly raw: RawObject }

const DESCEND = ['result', 'params', 'error'] as const
const OPEN_BRACE = 0x7b
const OPEN_BRACKET = 0x5b
const SPACE = 0x20
/** Messages of one batch (a thing of MCP 2025-03-26 alone), and its bytes, since it is parsed. */
const BATCH_LIMIT = 1_000
const BATCH_BYTES = 4 * 1024 * 1024
/** Of the id of a server's request, which goes back with the answer. */
const LONGEST_ID = 1024

/** @returns undefined when the bytes are not a JSON-RPC message in UTF-8 */
export function decode(bytes: Buffer): Message | undefined {
  try {
    if (!isUtf8(bytes)) return undefined
    return classify(RawObject.scan(bytes, DESCEND))
  } catch {
    return undefined
  }
}

/** As `decode`, for places where a batch may stand. An empty list: nothing that is a message. */
export function decodeAll(bytes: Buffer): readonly Message[] {
  const first = bytes[0] ?? 0
  if (first === OPEN_BRACKET) return decodeBatch(bytes)
  // What a server prints beside its messages may be plenty, and scanning it would end in a costly error.
  if (first > SPACE && first !== OPEN_BRACE) return []
  const message = decode(bytes)
  return message === undefined ? [] : [message]
}

function decodeBatch(bytes: Buffer): readonly Message[] {
  if (bytes.length > BATCH_BYTES) return []
  try {
    const parts = parseJson(bytes.toString('utf8')) as unknown[]
    return parts.slice(0, BATCH_LIMIT).flatMap((part) => decode(Buffer.from(JSON.stringify(part))) ?? [])
  } catch {
    return []
  }
}

function classify(raw: RawObject): Message | undefined {
  const id = raw.text('id')
  if (raw.has('method')) {
    const method = raw.value('method')
    if (typeof method !== 'string') return undefined
    if (id === undefined || id === 'null') return { kind: 'notification', method, raw }
    return id.length > LONGEST_ID ? undefined : { kind: 'request', id, method, raw }
  }
  const isAnswer = raw.object('result') !== undefined || raw.object('error') !== undefined
  // With an id it is one, if a bad one: whoever waits for it need not wait any longer.
  if (!isAnswer && (id === undefined || id === 'null')) return undefined
  return { kind: 'response', id, raw }
}

/** @param params an object, in pieces, which are copied once */
export function requestFrame(id: number, method: string, ...params: readonly Buffer[]): Buffer {
  const head = Buffer.from(`{"jsonrpc":"2.0","id":${id},"method":"${method}","params":`)
  return Buffer.concat([head, ...params, CLOSE])
}

/** @param params an object, or its JSON text */
export function notificationFrame(method: string, params?: object | Buffer): Buffer {
  if (!Buffer.isBuffer(params))
    return Buffer.from(JSON.stringify({ jsonrpc: '2.0', method, ...(params && { params }) }))
  const head = Buffer.from(`{"jsonrpc":"2.0","method":${JSON.stringify(method)},"params":`)
  return Buffer.concat([head, params, CLOSE])
}

/** `id` is the JSON text of the request's id. */
export function resultFrame(id: string, result: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`{"jsonrpc":"2.0","id":${id},"result":`), result, CLOSE])
}

export function errorFrame(id: string, error: RpcError): Buffer {
  return Buffer.from(`{"jsonrpc":"2.0","id":${id},"error":${JSON.stringify(error)}}`)
}

const CLOSE = Buffer.from('}')
