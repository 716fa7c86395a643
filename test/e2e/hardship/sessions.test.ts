import { Pool } from 'undici'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Child } from '../../fixtures/child.ts'
import { LegacyClient } from '../../fixtures/client.ts'
import { closedAfterAll } from '../../fixtures/closed.ts'
import { config } from '../../fixtures/config.ts'
import { Stage } from '../../fixtures/stage.ts'

const SESSIONS = 10_000

describe('ten thousand sessions', () => {
  const stage = closedAfterAll(new Stage())
  let gateway: Child
  let pool: Pool
  beforeAll(async () => {
    const backend = await stage.server('wire:echo', { era: 'modern', id: 'b' })
    gateway = await stage.gateway({ config: config([{ name: 'b', url: backend.ready }]) })
    pool = new Pool(new URL(gateway.ready).origin, { connections: 32, pipelining: 1 })
    stage.defer(() => pool.destroy())
  })

  const post = async (message: object, session?: string) => {
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(session !== undefined && { 'mcp-session-id': session }),
    }
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, ...message })
    const reply = await pool.request({ method: 'POST', path: '/mcp', headers, body })
    const text = await reply.body.text()
    return { status: reply.statusCode, session: String(reply.headers['mcp-session-id']), text }
  }
  const open = () =>
    post({
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c', version: '1' } },
    })

  it('are open at a time, all of them work, and one more takes the place of the one that was quiet longest', async () => {
    const ids: string[] = []
    await Promise.all(
      Array.from({ length: 32 }, async () => {
        while (ids.length < SESSIONS) {
          const at = ids.push('') - 1
          ids[at] = (await open()).session
        }
      }),
    )
    expect(new Set(ids).size).toBe(SESSIONS)
    for (const session of [ids[0], ids[5_000], ids[9_999]]) {
      const params = { name: 'b_echo', arguments: { input: 'hello' } }
      const { status, text } = await post({ method: 'tools/call', params }, session)
      expect({ status, text }).toMatchObject({ status: 200, text: expect.stringContaining('hello') })
    }
    const client = await LegacyClient.open(gateway.ready)
    expect(await client.result('ping')).toEqual({})
    await client.close()
    const gone = await Promise.all(ids.slice(0, 64).map((session) => post({ method: 'ping' }, session)))
    expect(gone.filter(({ status }) => status === 404)).toHaveLength(1)
    expect(gone[0]?.status).toBe(200)
  }, 120_000)
})
