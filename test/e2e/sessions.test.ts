import { setTimeout as delay } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { ask, callText, eventually, toolNames } from '../fixtures/ask.ts'
import { LegacyClient, RawClient } from '../fixtures/client.ts'
import { closedAfterAll } from '../fixtures/closed.ts'
import { config } from '../fixtures/config.ts'
import { type Child, Stage } from '../fixtures/stage.ts'
import type { Echoed } from '../fixtures/wire/echo.ts'

const stage = closedAfterAll(new Stage())
async function open(url: string, headers: Record<string, string> = {}) {
  const client = await LegacyClient.open(url, { headers })
  stage.defer(() => client.close())
  return client
}

describe('a session', () => {
  const TTL_MS = 1500
  let gateway: Child
  let backend: Child
  beforeAll(async () => {
    backend = await stage.server('wire:echo', { era: 'legacy', id: 'b' })
    gateway = await stage.gateway({
      config: config([{ name: 'b', url: backend.ready }]),
      args: ['--session-ttl', `${TTL_MS}ms`],
    })
  })

  const statusOf = async (client: LegacyClient) => (await client.request('tools/list')).status

  test('lives as long as there is traffic, and ends in silence', async () => {
    const client = await open(gateway.ready)
    for (let i = 0; i < 5; i++) {
      await delay(TTL_MS / 2)
      expect(await statusOf(client)).toBe(200)
    }
    await delay(TTL_MS * 2)
    expect(await statusOf(client)).toBe(404)
  })

  test('ends when its client says so', async () => {
    const client = await open(gateway.ready)
    expect((await client.end()).status).toBe(200)
    expect(await statusOf(client)).toBe(404)
    expect((await client.end()).status).toBe(404)
  })

  test('that never was is not found', async () => {
    const raw = new RawClient(gateway.ready)
    stage.defer(() => raw.close())
    const reply = await raw.post(
      { jsonrpc: '2.0', id: 1, method: 'tools/list' },
      { 'mcp-session-id': '00000000-0000-4000-8000-000000000000' },
    )
    expect(reply.status).toBe(404)
  })

  test('has a session of its own at a legacy backend, which ends with it', async () => {
    const held = async () =>
      JSON.parse((await new RawClient(backend.ready).send({ method: 'GET', path: '/stats' })).text)
        .sessions as number
    await eventually(async () => expect(await held()).toBe(1), 10_000)
    const seen = new Set<string | null>()
    const clients = [await open(gateway.ready), await open(gateway.ready)]
    for (const client of clients) {
      for (let i = 0; i < 2; i++) {
        const result = await client.result('tools/call', { name: 'b_echo', arguments: { input: 'x' } })
        const [block] = result.content as { text: string }[]
        seen.add((JSON.parse(block?.text ?? '{}') as Echoed).session)
      }
    }
    expect(seen.size).toBe(2)
    expect(await held()).toBe(3)
    await clients[0]?.end()
    await eventually(async () => expect(await held()).toBe(2))
    // The other one is abandoned.
    await eventually(async () => expect(await held()).toBe(1))
  })
})

describe('headers', () => {
  test.each(['modern', 'legacy'] as const)('that pass reach a %s backend as they are now', async (era) => {
    const backend = await stage.hosted('hdr', { era })
    const gateway = await stage.gateway({
      config: config([{ name: 'h', url: backend.ready }], { passthroughHeaders: ['X-Test-Api-Key'] }),
    })
    const client = await open(gateway.ready)
    await client.result('tools/list')
    for (const value of ['first', 'second']) {
      const reply = await client.request(
        'tools/call',
        { name: 'h_headers', arguments: {} },
        { 'X-Test-Api-Key': value, 'X-Secret': 'hidden', authorization: 'Bearer mine', cookie: 'a=b' },
      )
      const [block] = (reply.message.result?.content ?? []) as { text: string }[]
      const seen = JSON.parse(block?.text ?? '{}') as Record<string, string>
      expect(seen['x-test-api-key']).toBe(value)
      for (const name of ['x-secret', 'authorization', 'cookie']) expect(seen).not.toHaveProperty(name)
    }
  })

  test('that are injected reach the backend, and nobody else sees them', async () => {
    const backend = await stage.hosted('hdr', { era: 'both' })
    const headerInjection = { headerName: 'X-Injected', headerValueEnv: 'VMCP_TEST_SECRET' }
    const outgoingAuth = {
      source: 'inline',
      backends: { h: { type: 'header_injection', headerInjection } },
    }
    const gateway = await stage.gateway({
      config: config([{ name: 'h', url: backend.ready }], { outgoingAuth }),
      env: { VMCP_TEST_SECRET: 'tell-nobody' },
      args: ['--log-level', 'debug'],
    })
    await toolNames(gateway.ready)
    expect(await callText(gateway.ready, 'h_headers')).toContain('tell-nobody')
    const status = await ask(gateway.ready.replace('/mcp', '/status'), 'GET')
    expect(status.text + gateway.stdout() + gateway.stderr()).not.toContain('tell-nobody')
  })
})

test('an anonymous server has no protected resource metadata, and says so in JSON', async () => {
  const backend = await stage.hosted('echo', { era: 'both' })
  const gateway = await stage.gateway({ config: config([{ name: 'e', url: backend.ready }]) })
  const raw = new RawClient(gateway.ready)
  stage.defer(() => raw.close())
  for (const path of ['/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/mcp']) {
    const reply = await raw.send({ method: 'GET', path })
    expect(reply.status).toBe(404)
    expect(reply.headers['content-type']).toContain('application/json')
    expect(() => JSON.parse(reply.text)).not.toThrow()
  }
})
