import { describe, expect, test } from 'vitest'
import { ask, callText, eventually, toolNames } from '../fixtures/ask.ts'
import { LegacyClient } from '../fixtures/client.ts'
import { closedAfterAll } from '../fixtures/closed.ts'
import { config } from '../fixtures/config.ts'
import { Stage } from '../fixtures/stage.ts'

const stage = closedAfterAll(new Stage())
describe('long lists', () => {
  test('of 1,200 tools in pages of 100 arrive whole, at most 1,000 to a page', async () => {
    const { ready } = await stage.hosted('many', { era: 'both' })
    const gateway = await stage.gateway({ config: config([{ name: 'many', url: ready }]) })
    const names = await toolNames(gateway.ready)
    expect(new Set(names).size).toBe(1200)
    const { message } = await ask(gateway.ready, 'tools/list')
    expect((message.result?.tools as unknown[] | undefined)?.length).toBeLessThanOrEqual(1000)
    expect(typeof message.result?.nextCursor).toBe('string')
    expect(await callText(gateway.ready, 'many_tool_1199')).toBe('tool_1199')
    const legacy = await LegacyClient.open(gateway.ready)
    stage.defer(() => legacy.close())
    expect((await legacy.result('tools/list')).nextCursor).toBeDefined()
  })

  test('refuse a cursor that is not theirs', async () => {
    const { ready } = await stage.hosted('echo', { era: 'both' })
    const gateway = await stage.gateway({ config: config([{ name: 'echo', url: ready }]) })
    const reply = await ask(gateway.ready, 'tools/list', { cursor: 'garbage' })
    expect(reply.message.error?.code).toBe(-32602)
    expect(reply.status).toBe(400)
  })
})

test('a resource of two backends is listed once and read from the first by name', async () => {
  const b = await stage.hosted('shared-b', { era: 'modern' })
  const a = await stage.hosted('shared-a', { era: 'legacy' })
  const gateway = await stage.gateway({
    config: config([
      { name: 'zz', url: b.ready },
      { name: 'aa', url: a.ready },
    ]),
  })
  const { message } = await ask(gateway.ready, 'resources/list')
  expect(message.result?.resources).toMatchObject([{ uri: 'data://x', description: 'x of shared-a' }])
  const read = await ask(gateway.ready, 'resources/read', { uri: 'data://x' })
  expect(read.message.result?.contents).toMatchObject([{ uri: 'data://x', text: 'x from shared-a' }])
})

test('a prompt is prefixed, its backend hears its own name, and its arguments complete', async () => {
  const { ready } = await stage.hosted('github', { era: 'both' })
  const gateway = await stage.gateway({ config: config([{ name: 'github', url: ready }]) })
  const { message } = await ask(gateway.ready, 'prompts/list')
  expect(message.result?.prompts).toMatchObject([{ name: 'github_summary' }])
  const got = await ask(gateway.ready, 'prompts/get', { name: 'github_summary', arguments: { repo: 'r1' } })
  expect(JSON.stringify(got.message.result)).toContain('github summary of r1')
  const completed = await ask(gateway.ready, 'completion/complete', {
    ref: { type: 'ref/prompt', name: 'github_summary' },
    argument: { name: 'repo', value: 'v' },
  })
  expect(completed.message.result?.completion).toMatchObject({ values: ['vmcp', 'virtual'] })
})

describe('backends that are down', () => {
  const down = { name: 'down', url: 'http://127.0.0.1:9/mcp' }

  test('do not hide those that are up', async () => {
    const { ready } = await stage.hosted('echo', { era: 'both' })
    const gateway = await stage.gateway({ config: config([down, { name: 'echo', url: ready }]) })
    expect(await toolNames(gateway.ready)).toEqual(['echo_echo'])
  })

  test('are an error and not an empty list when there is no other', async () => {
    const gateway = await stage.gateway({ config: config([down, { ...down, name: 'down2' }]) })
    await eventually(async () => {
      const { message } = await ask(gateway.ready, 'tools/list')
      expect(message.result).toBeUndefined()
      expect(message.error?.message).toBeTruthy()
    })
  })

  test('hold up a call made right after the start only as long as they take', async () => {
    const { ready } = await stage.hosted('echo', { era: 'both' })
    const gateway = await stage.gateway({ config: config([{ name: 'echo', url: ready }]) })
    expect(await callText(gateway.ready, 'echo_echo', { input: 'at once' })).toBe('at once')
  })

  test('join when they come up', async () => {
    const placeholder = await stage.hosted('echo', { era: 'both' })
    const port = Number(new URL(placeholder.ready).port)
    const { ready } = await stage.hosted('jira', { era: 'both' })
    await placeholder.stop()
    const backends = [
      { name: 'late', url: placeholder.ready },
      { name: 'jira', url: ready },
    ]
    const gateway = await stage.gateway({ config: config(backends) })
    expect(await toolNames(gateway.ready)).toEqual(['jira_create_issue'])
    await stage.hosted('echo', { era: 'both', port })
    await eventually(async () => expect(await toolNames(gateway.ready)).toContain('late_echo'), 20_000)
    expect(await callText(gateway.ready, 'late_echo', { input: 'now' })).toBe('now')
  })
})

test('the same configuration gives the same bytes twenty times, collisions after the prefix included', async () => {
  const github = await stage.hosted('github', { era: 'both' })
  const jira = await stage.hosted('jira', { era: 'legacy' })
  const backends = ['one', 'two', 'three'].flatMap((name, i) => [
    { name: `${name}`, url: i % 2 === 0 ? github.ready : jira.ready },
    { name: `${name}_`, url: jira.ready },
  ])
  const aggregation = { conflictResolution: 'prefix', conflictResolutionConfig: { prefixFormat: 'same_' } }
  const lists = new Set<string>()
  for (let i = 0; i < 20; i++) {
    const gateway = await stage.gateway({ config: config(backends, { aggregation }) })
    await eventually(async () => {
      const { text } = await ask(gateway.ready, 'tools/list')
      expect(text).toContain('same_list_repos')
      expect(text).toContain('same_create_issue')
      lists.add(text)
    })
    await gateway.stop()
  }
  expect(lists.size).toBe(1)
}, 180_000)
