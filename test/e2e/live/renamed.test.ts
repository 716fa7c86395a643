import { createClient } from 'redis'
import { beforeAll, expect, test } from 'vitest'
import { ask, eventually } from '../../fixtures/ask.ts'
import { closedAfterEach } from '../../fixtures/closed.ts'
import { config } from '../../fixtures/config.ts'
import { startRedis } from '../../fixtures/redis.ts'
import { Stage } from '../../fixtures/stage.ts'
import { legacyListener, modernListener, type Served, serveFile } from './served.ts'

// What goes by the name of the server goes by its new name from the change on.

const stage = closedAfterEach(new Stage())
let own: Stage
let url: string

beforeAll(async () => {
  own = new Stage()
  url = (await own.server('echo', { era: 'both' })).ready
  return () => own.close()
})

const named = (name: string, more: object) => config([{ name: 'one', url }], { name, ...more })

async function rename(served: Served, name: string, more: object): Promise<void> {
  const { generation } = (await served.status()).configuration
  await served.edit(named(name, more))
  await eventually(async () => expect((await served.status()).configuration.generation).toBe(generation + 1))
}

/** @returns the code of the error; `undefined` where the call was let through */
async function call(served: Served): Promise<number | undefined> {
  const { message } = await ask(served.url, 'tools/call', { name: 'one_echo', arguments: { input: 'x' } })
  return message.error?.code
}

test('rate limits are shared with the gateways that have the new name', async () => {
  const redis = await startRedis()
  stage.child(redis)
  const limits = {
    rateLimiting: {
      shared: { maxTokens: 2, refillPeriod: '1h' },
      redis: { address: redis.address, keyPrefix: 'rl:' },
    },
  }
  const served = await serveFile(stage, named('before', limits))
  expect([await call(served), await call(served), await call(served)]).toEqual([undefined, undefined, 429])
  await rename(served, 'after', limits)
  expect(await call(served)).toBeUndefined()
  const other = await serveFile(stage, named('after', limits))
  expect([await call(other), await call(other), await call(served)]).toEqual([undefined, 429, 429])
  await rename(served, 'before', limits)
  expect(await call(served)).toBe(429)
  const db = createClient({ url: `redis://${redis.address}` })
  await db.connect()
  const keys = await db.keys('*')
  db.destroy()
  expect(keys.sort()).toEqual(['rl:{local:after}:shared', 'rl:{local:before}:shared'])
})

test('policies about the server hold for it by its new name, and clients are told what that shows them', async () => {
  const policies = ['permit(principal, action == Action::"call_tool", resource in MCP::"before");']
  const authz = { incomingAuth: { type: 'anonymous', authz: { type: 'cedar', policies } } }
  const served = await serveFile(stage, named('before', authz))
  const listeners = [await legacyListener(stage, served.url), await modernListener(stage, served.url)]
  for (const listener of listeners) await listener.settled(['one_echo'])
  expect(await call(served)).toBeUndefined()
  await rename(served, 'after', authz)
  expect(await call(served)).toBe(403)
  for (const listener of listeners) {
    await eventually(() => expect(listener.heard()).toContain('notifications/tools/list_changed'))
    expect(await listener.tools()).toEqual([])
  }
  await rename(served, 'before', authz)
  expect(await call(served)).toBeUndefined()
  for (const listener of listeners) expect(await listener.tools()).toEqual(['one_echo'])
})
