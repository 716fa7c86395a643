import { afterEach, describe, expect, it } from 'vitest'
import type { FrontOptions } from '../options.ts'
import { memoryGateway, type Served, serve } from '../testing.ts'

let served: Served

afterEach(() => served.close())

async function get(path: string, options: Partial<FrontOptions> = {}, method = 'GET'): Promise<Response> {
  served = await serve(memoryGateway(), options)
  return fetch(new URL(path, served.url), { method })
}

describe('probes', () => {
  it.each(['/health', '/ping'])('%s says ok to any method', async (path) => {
    const reply = await get(path, {}, 'POST')
    expect([reply.status, await reply.json()]).toEqual([200, { status: 'ok' }])
  })

  it('/readyz says ready', async () => {
    const reply = await get('/readyz')
    expect([reply.status, await reply.json()]).toEqual([200, { status: 'ready', mode: 'static' }])
  })

  it('/readyz says what it waits for', async () => {
    const ready = () => ({ ready: false, mode: 'dynamic' as const, reason: 'cache_sync_pending' })
    const reply = await get('/readyz', { ready })
    const body = { status: 'not_ready', mode: 'dynamic', reason: 'cache_sync_pending' }
    expect([reply.status, await reply.json()]).toEqual([503, body])
  })
})

describe('/status', () => {
  it('is JSON that nothing caches or sniffs', async () => {
    const reply = await get('/status')
    expect(reply.status).toBe(200)
    expect(await reply.json()).toMatchObject({ backends: [], healthy: true })
    expect(reply.headers.get('content-type')).toBe('application/json')
    expect(reply.headers.get('cache-control')).toBe('no-store')
    expect(reply.headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('takes GET and HEAD only', async () => {
    const head = await get('/status', {}, 'HEAD')
    expect([head.status, await head.text()]).toEqual([200, ''])
    const post = await fetch(new URL('/status', served.url), { method: 'POST' })
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    await served.close()
  })
})

describe('what is not there', () => {
  it.each(['/.well-known/oauth-protected-resource', '/nowhere', '/'])('%s is 404 in JSON', async (path) => {
    const reply = await get(path)
    expect([reply.status, await reply.json()]).toEqual([404, { error: 'not_found' }])
  })
})
