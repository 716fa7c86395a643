import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { eventually } from '../../fixtures/ask.ts'
import { LegacyClient } from '../../fixtures/client.ts'
import { config } from '../../fixtures/config.ts'
import { ROOT } from '../../fixtures/root.ts'
import { Stage } from '../../fixtures/stage.ts'

const stage = new Stage()
afterAll(() => stage.close())

const RELATED = 'io.modelcontextprotocol/related-task'

test('tasks of two backends that number theirs alike are two tasks to a legacy client', async () => {
  const backends = ['a', 'b'].map((name) => ({
    name,
    transport: 'stdio' as const,
    command: process.execPath,
    args: [join(ROOT, 'test/fixtures/counting.mjs'), name],
  }))
  const gateway = await stage.gateway({ config: config(backends) })
  const client = await LegacyClient.open(gateway.ready)
  stage.defer(() => client.close())
  await client.listen()
  await eventually(async () => expect((await client.result('tools/list', {})).tools).toHaveLength(2))
  const begin = async (tool: string) => {
    const result = await client.result('tools/call', { name: tool, arguments: {}, task: { ttl: 60_000 } })
    return (result['task'] as { taskId: string }).taskId
  }
  const ids = [await begin('a_work'), await begin('b_work'), await begin('b_work')]
  expect(ids).toEqual(['1', '1@b', '2'])
  const texts = await Promise.all(ids.map((taskId) => client.result('tasks/result', { taskId })))
  expect(texts).toMatchObject([
    { content: [{ text: 'a 1' }], _meta: { [RELATED]: { taskId: '1' } } },
    { content: [{ text: 'b 1' }], _meta: { [RELATED]: { taskId: '1@b' } } },
    { content: [{ text: 'b 2' }], _meta: { [RELATED]: { taskId: '2' } } },
  ])
  expect(await client.result('tasks/get', { taskId: '1@b' })).toMatchObject({ taskId: '1@b' })
  const { tasks } = (await client.result('tasks/list', {})) as unknown as { tasks: { taskId: string }[] }
  expect(tasks.map(({ taskId }) => taskId)).toEqual(ids)
  await eventually(() => {
    const told = client.notifications
      .filter(({ method }) => method === 'notifications/tasks/status')
      .map(({ params }) => `${params?.['statusMessage']} ${params?.['taskId']}`)
    expect(told.sort()).toEqual(['a 1', 'b 1@b', 'b 2'])
  })
})
