import type { Result } from '../../../core/call.ts'
import type { Changes } from '../../../core/raw.ts'
import type { RpcRequest } from '../message.ts'

/** Digits alone: what an integer with a fraction or an exponent is, not all clients agree on. */
const TTL = /^(0|[1-9]\d{0,14})$/
const SCOPE = /^"(public|private)"$/

/**
 * What is to be changed in a result of `resources/read` so that it says how it may be cached: as the backend says,
 * where that makes sense. A request for input says nothing, and what came of an answer to one, which is not in the
 * key that caches go by, is not to be cached (MCP 2026-07-28, server/utilities/caching).
 */
export function readCaching({ type, body }: Result, { params }: RpcRequest): Changes {
  if (type !== 'complete') return { ttlMs: undefined, cacheScope: undefined }
  const isRetry = 'inputResponses' in params || 'requestState' in params
  return {
    ...(!isRetry && TTL.test(body.text('ttlMs') ?? '') ? {} : { ttlMs: '0' }),
    ...(!isRetry && SCOPE.test(body.text('cacheScope') ?? '') ? {} : { cacheScope: '"private"' }),
  }
}
