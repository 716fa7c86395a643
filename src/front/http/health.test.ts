import { afterEach, describe, expect, it } from 'vitest'
import { ANONYMOUS } from '../../core/caller.ts'
import { GatewayError } from '../../core/errors.ts'
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

describe('what only those are told who may call', () => {
  const status: FrontOptions['status'] = (viewer) => ({ viewer })
  const health = () => ({ backends: {} })
  const authenticate: FrontOptions['authenticate'] = async ({ headers }) => {
    if (headers.authorization === 'Bearer good') return ANONYMOUS
    throw new GatewayError('unauthenticated', 'who are you?')
  }
  const ask = async (path: string, options: Partial<FrontOptions>, headers: Record<string, string> = {}) => {
    served = await serve(memoryGateway(), options)
    const reply = await fetch(new URL(path, served.url), { headers })
    await served.close()
    return [reply.status, await reply.json()]
  }
  const good = { authorization: 'Bearer good' }

  it('/status tells all of it on an anonymous server', async () => {
    expect(await ask('/status', { status })).toEqual([200, { viewer: 'caller' }])
  })

  it('/status tells little to strangers, and all to those who authenticate', async () => {
    expect(await ask('/status', { status, authenticate })).toEqual([200, { viewer: 'anybody' }])
    expect(await ask('/status', { status, authenticate }, good)).toEqual([200, { viewer: 'caller' }])
  })

  it('/api/backends/health tells strangers nothing', async () => {
    const path = '/api/backends/health'
    expect(await ask(path, { health, authenticate })).toEqual([401, { error: 'unauthenticated' }])
    expect(await ask(path, { health, authenticate }, good)).toEqual([200, { backends: {} }])
    expect(await ask(path, { health })).toEqual([200, { backends: {} }])
  })

  it('a fault in finding out who it is, is a fault', async () => {
    const broken = () => Promise.reject(new Error('no keys'))
    expect(await ask('/status', { status, authenticate: broken })).toMatchObject([500, { error: {} }])
  })
})

describe('what is not there', () => {
  it.each(['/.well-known/oauth-protected-resource', '/nowhere', '/'])('%s is 404 in JSON', async (path) => {
    const reply = await get(path)
    expect([reply.status, await reply.json()]).toEqual([404, { error: 'not_found' }])
  })
})
