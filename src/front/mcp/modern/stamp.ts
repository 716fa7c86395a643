import type { Result } from '../../../core/call.ts'
import type { CacheHint } from '../../../core/catalog.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { Changes } from '../../../core/raw.ts'
import type { RpcRequest } from '../message.ts'
import { readCaching } from './caching.ts'

export const META = {
  version: 'io.modelcontextprotocol/protocolVersion',
  capabilities: 'io.modelcontextprotocol/clientCapabilities',
  client: 'io.modelcontextprotocol/clientInfo',
  logLevel: 'io.modelcontextprotocol/logLevel',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
  subscription: 'io.modelcontextprotocol/subscriptionId',
} as const

/** JSON text of the members that every cacheable result of ours has. @param meta of further members of `_meta` */
export function stamps(identity: string, { ttlMs, scope }: CacheHint, meta = ''): string {
  const caching = `"ttlMs":${ttlMs},"cacheScope":"${scope}"`
  const own = `"${META.serverInfo}":${identity}${meta === '' ? '' : `,${meta}`}`
  return `${caching},"resultType":"complete","_meta":{${own}}`
}

/** Kinds of calls whose result may ask the client for input (MCP 2026-07-28, basic/patterns/mrtr). */
export const MAY_ASK: readonly string[] = ['tools/call', 'prompts/get', 'resources/read']

/** The result of a call as this hop sends it: its type, who we are, and, where required, how it may be cached. */
export function stampResult(result: Result, request: RpcRequest, identity: string): readonly Buffer[] {
  const { type, body } = result
  const { method } = request
  if (type === 'input_required' && !MAY_ASK.includes(method)) {
    throw new GatewayError('bad_gateway', `the backend asked for input, which ${method} cannot do`)
  }
  const meta = body.object('_meta')
  const stamped = `"${META.serverInfo}":${identity}`
  const changes: Changes = {
    resultType: JSON.stringify(type),
    _meta: meta === undefined ? `{${stamped}}` : meta.bytesWith({ [META.serverInfo]: identity }).toString(),
  }
  if (method !== 'resources/read') return body.piecesWith(changes)
  return body.piecesWith({ ...changes, ...readCaching(result, request) })
}
