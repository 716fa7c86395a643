import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { callText, eventually, listTools } from '../fixtures/ask.ts'
import { closedAfterAll } from '../fixtures/closed.ts'
import { descendantsOf, isAlive } from '../fixtures/processes.ts'
import { ROOT } from '../fixtures/root.ts'
import { type Child, Stage } from '../fixtures/stage.ts'
import { connectV1, connectV2 } from './peers.ts'

const stage = closedAfterAll(new Stage())
let gateway: Child
beforeAll(async () => {
  // The memory server keeps its file there.
  const env = { TMPDIR: await stage.folder() }
  gateway = await stage.gateway({ args: ['--from', join(ROOT, 'examples/default-group/mcp.json')], env })
  await eventually(async () => {
    const prefixes = new Set((await listTools(gateway.ready)).map(({ name }) => name.split('_')[0]))
    expect(prefixes.size).toBe(4)
  }, 30_000)
})
describe('the default group', () => {
  test('lists the tools of all four servers, and each answers', async () => {
    const tools = await listTools(gateway.ready)
    const named = (suffix: string) => tools.find(({ name }) => name.endsWith(suffix))?.name ?? `no ${suffix}`
    expect(await callText(gateway.ready, named('_echo'), { message: 'hello' })).toContain('hello')
    expect(await callText(gateway.ready, named('_list_allowed_directories'))).toContain('examples')
    expect(await callText(gateway.ready, named('_read_graph'))).toContain('entities')
    const thought = { thought: 'one', nextThoughtNeeded: false, thoughtNumber: 1, totalThoughts: 1 }
    expect(await callText(gateway.ready, named('_sequentialthinking'), thought)).toContain('thoughtNumber')
  })

  test.each([
    ['SDK v1', connectV1],
    ['SDK v2, modern', connectV2('modern')],
    ['SDK v2, legacy', connectV2('legacy')],
  ])('serves %s', async (_name, connect) => {
    const peer = await connect(stage, { url: gateway.ready })
    const echo = (await peer.listTools()).find((name) => name.endsWith('_echo'))
    expect(await peer.callText(echo ?? 'none', { message: 'hello' })).toContain('hello')
  })

  test('leaves no child behind', async () => {
    const children = descendantsOf(gateway.pid)
    expect(children.length).toBeGreaterThanOrEqual(4)
    await gateway.stop('SIGINT')
    await eventually(() => expect(children.filter(isAlive)).toEqual([]))
  })
})
