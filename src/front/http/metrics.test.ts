import { request } from 'undici'
import { afterEach, describe, expect, test } from 'vitest'
import { silent } from '../../core/log.ts'
import { type MetricsPort, openMetricsPort, type Scrape } from './metrics.ts'

let port: MetricsPort | undefined
afterEach(() => port?.close())

async function open(scrape: Scrape, at = 0): Promise<string> {
  port = await openMetricsPort({ port: at, scrape: () => scrape, log: silent })
  return port.url
}

async function get(url: string, options: Parameters<typeof request>[1] = {}) {
  const { statusCode, headers, body } = await request(url, options)
  return { statusCode, headers, text: await body.text() }
}

describe('the port of metrics', () => {
  test('has them at /metrics, as Prometheus wants them', async () => {
    const { statusCode, headers, text } = await get(await open(async () => 'a 1\n'))
    expect({ statusCode, text }).toEqual({ statusCode: 200, text: 'a 1\n' })
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
  })

  test('has nothing else', async () => {
    const url = await open(async () => 'a 1\n')
    expect(new URL(url).hostname).toBe('127.0.0.1')
    expect((await get(url.replace('/metrics', '/mcp'))).statusCode).toBe(404)
    expect((await get(url, { method: 'POST', body: '{}' })).statusCode).toBe(405)
    expect((await get(`${url}?x=1`)).statusCode).toBe(200)
  })

  test('is not for web pages of other names', async () => {
    const url = await open(async () => 'a 1\n')
    expect((await get(url, { headers: { host: 'evil.example' } })).statusCode).toBe(403)
  })

  test('says so when nothing can be collected', async () => {
    const url = await open(() => Promise.reject(new Error('secret')))
    const { statusCode, text } = await get(url)
    expect(statusCode).toBe(500)
    expect(text).not.toContain('secret')
  })

  test('that is taken is named', async () => {
    const taken = await openMetricsPort({ port: 0, scrape: () => async () => '', log: silent })
    const at = Number(new URL(taken.url).port)
    await expect(open(async () => '', at)).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining(`port ${at}: something else listens there`),
    })
    await taken.close()
  })
})
