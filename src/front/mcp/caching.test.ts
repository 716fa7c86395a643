import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CacheHint } from '../../core/catalog.ts'
import { RawObject } from '../../core/raw.ts'
import { echo, memoryGateway, type Served, serve } from '../testing.ts'

let served: Served

beforeEach(async () => {
  served = await serve(memoryGateway())
  served.gateway.tool('echo', echo)
})

afterEach(() => served.close())

const LISTS = ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list']

type Answer = Record<string, unknown>

async function resultOf(reply: Promise<Response>): Promise<Answer> {
  return ((await (await reply).json()) as { result: Answer }).result
}

const modern = (method: string, params = {}) => resultOf(served.modern(method, params))

async function legacy(method: string, params = {}): Promise<Answer> {
  return resultOf(served.post({ jsonrpc: '2.0', id: 1, method, params }, await served.session()))
}

describe('a list', () => {
  it.each(LISTS)('(%s) says how it may be cached now', async (method) => {
    let hint: CacheHint = { ttlMs: 900, scope: 'public' }
    served.gateway.catalog = { ...served.gateway.catalog, caching: () => hint }
    expect(await modern(method)).toMatchObject({ ttlMs: 900, cacheScope: 'public', resultType: 'complete' })
    hint = { ttlMs: 3, scope: 'private' }
    expect(await modern(method)).toMatchObject({ ttlMs: 3, cacheScope: 'private' })
  })

  it('asks for its own kind', async () => {
    const { catalog } = served.gateway
    const caching = (kind: string): CacheHint => ({ ttlMs: kind === 'prompts' ? 7 : 0, scope: 'public' })
    served.gateway.catalog = { ...catalog, caching }
    expect(await modern('prompts/list')).toMatchObject({ ttlMs: 7 })
    expect(await modern('tools/list')).toMatchObject({ ttlMs: 0 })
  })

  it.each(LISTS)('(%s) says nothing of it to a legacy client', async (method) => {
    served.gateway.catalog = { ...served.gateway.catalog, caching: () => ({ ttlMs: 900, scope: 'public' }) }
    expect(Object.keys(await legacy(method))).toHaveLength(1)
  })
})

describe('what is read', () => {
  const HINTS = { ttlMs: 5, cacheScope: 'public' }
  const read = (result: object, params = {}) => {
    served.gateway.resource('a:b', () => result)
    return modern('resources/read', { uri: 'a:b', ...params })
  }

  it('may be cached as its backend says', async () => {
    expect(await read({ contents: [], ...HINTS })).toMatchObject(HINTS)
  })

  it.each([
    [{}],
    [{ ttlMs: -1, cacheScope: 'shared' }],
    [{ ttlMs: 1.5, cacheScope: 'PUBLIC' }],
    [{ ttlMs: '5', cacheScope: null }],
    [{ ttlMs: 1e300, cacheScope: ['public'] }],
  ])('may not be cached where its backend says %j', async (hints) => {
    expect(await read({ contents: [], ...hints })).toMatchObject({ ttlMs: 0, cacheScope: 'private' })
  })

  it('may not be cached where the request answered a question', async () => {
    const result = await read({ contents: [], ...HINTS }, { inputResponses: {} })
    expect(result).toMatchObject({ ttlMs: 0, cacheScope: 'private', contents: [] })
  })

  it('says nothing of it where it is a question', async () => {
    const body = RawObject.of({ requestState: 's', ...HINTS })
    const result = await read({ type: 'input_required', body })
    expect(result).toMatchObject({ resultType: 'input_required', requestState: expect.any(String) })
    expect(result).not.toHaveProperty('ttlMs')
    expect(result).not.toHaveProperty('cacheScope')
  })

  it('says nothing of it to a legacy client', async () => {
    served.gateway.resource('a:b', () => ({ contents: [], ...HINTS, other: 1 }))
    expect(await legacy('resources/read', { uri: 'a:b' })).toEqual({ contents: [], other: 1 })
  })

  it('is all that says so: members of these names are relayed in a tool’s result', async () => {
    served.gateway.tool('t', () => ({ content: [], ttlMs: 'x', cacheScope: 7 }))
    expect(await modern('tools/call', { name: 't' })).toMatchObject({ ttlMs: 'x', cacheScope: 7 })
    expect(await legacy('tools/call', { name: 't' })).toMatchObject({ ttlMs: 'x', cacheScope: 7 })
  })
})
