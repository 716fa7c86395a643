import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import {
  CallToolResultSchema,
  CreateTaskResultSchema,
  ElicitRequestSchema,
  TaskStatusNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { beforeAll, describe, expect, test } from 'vitest'
import { ask, eventually } from '../../fixtures/ask.ts'
import { ModernClient, type RpcMessage } from '../../fixtures/client.ts'
import { closedAfterAll } from '../../fixtures/closed.ts'
import { config } from '../../fixtures/config.ts'
import type { Json } from '../../fixtures/fixture.ts'
import { type Child, Stage, serverCommand } from '../../fixtures/stage.ts'

// Tasks of 2025-11-25 between legacy peers, and those of SEP-2663 between modern ones, with two servers of each.

const EXTENSION = 'io.modelcontextprotocol/tasks'

const stage = closedAfterAll(new Stage())
let gateway: Child
beforeAll(async () => {
  const [one, a, b] = await Promise.all([
    stage.server('rounds:tasks', { era: 'legacy', id: 'one' }),
    stage.server('rounds:tasks', { era: 'modern', id: 'a' }),
    stage.server('rounds:tasks', { era: 'modern', id: 'b' }),
  ])
  const stdio = serverCommand('rounds:tasks', { era: 'legacy', transport: 'stdio', id: 'two' })
  gateway = await stage.gateway({
    config: config([
      { name: 'one', url: one.ready },
      { name: 'two', transport: 'stdio', ...stdio },
      { name: 'a', url: a.ready },
      { name: 'b', url: b.ready },
    ]),
  })
  await eventually(async () => {
    const { message } = await ask(gateway.ready, 'tools/list')
    expect(message.result?.tools).toHaveLength(3 + 3 + 1 + 1)
  }, 20_000)
})
describe('a legacy client', () => {
  const statuses: string[] = []

  async function connect(): Promise<Client> {
    const client = new Client({ name: 'tasks', version: '1' }, { capabilities: { elicitation: {} } })
    client.setRequestHandler(ElicitRequestSchema, ({ params: { message } }) => ({
      action: 'accept',
      content: { value: `heard ${message}` },
    }))
    client.setNotificationHandler(TaskStatusNotificationSchema, ({ params: { taskId, status } }) => {
      statuses.push(`${taskId} ${status}`)
    })
    await client.connect(new StreamableHTTPClientTransport(new URL(gateway.ready)) as Transport)
    stage.defer(() => client.close())
    return client
  }

  let client: Client
  beforeAll(async () => {
    client = await connect()
  })

  const begin = async (name: string, about: string) => {
    const params = { name, arguments: { about }, task: { ttl: 60_000 } }
    const { task } = await client.request({ method: 'tools/call', params }, CreateTaskResultSchema)
    return task
  }
  const textOf = (result: { content: unknown }) => (result.content as { text: string }[])[0]?.text

  test('is told that there are tasks, and which tools may be one', async () => {
    expect(client.getServerCapabilities()?.tasks).toEqual({
      list: {},
      cancel: {},
      requests: { tools: { call: {} } },
    })
    const { tools } = await client.listTools()
    const support = Object.fromEntries(tools.map(({ name, execution }) => [name, execution?.taskSupport]))
    expect(support).toMatchObject({ one_work: 'required', two_ponder: 'optional', one_finish: undefined })
  })

  test.each(['one', 'two'])('begins a task at %s, looks after it, and gets its result', async (server) => {
    const { taskId, status } = await begin(`${server}_work`, server)
    expect(status).toBe('working')
    expect(await client.experimental.tasks.getTask(taskId)).toMatchObject({ taskId, status: 'working' })
    const result = client.experimental.tasks.getTaskResult(taskId, CallToolResultSchema)
    await client.callTool({ name: `${server}_finish`, arguments: { about: server } })
    expect(textOf(await result)).toBe(`${server}: worked on ${server}`)
    expect(await client.experimental.tasks.getTask(taskId)).toMatchObject({ status: 'completed' })
    await eventually(() => expect(statuses).toContain(`${taskId} completed`))
  })

  test.each(['one', 'two'])('is asked by %s in the course of a task', async (server) => {
    const stream = client.experimental.tasks.callToolStream(
      { name: `${server}_ponder`, arguments: { about: 'life' } },
      CallToolResultSchema,
      { task: { ttl: 60_000 } },
    )
    const seen: string[] = []
    let said: string | undefined
    for await (const message of stream) {
      seen.push(message.type)
      if (message.type === 'result') said = textOf(message.result)
      if (message.type === 'error') throw message.error
    }
    expect(seen[0]).toBe('taskCreated')
    expect(said).toBe(`${server}: accept:heard ponder life`)
  })

  test('lists the tasks of all servers, and cancels the one it means', async () => {
    const made = [await begin('one_work', 'x'), await begin('two_work', 'x')].map(({ taskId }) => taskId)
    const listed = async () => {
      const { tasks } = await client.experimental.tasks.listTasks()
      return tasks.filter(({ taskId }) => made.includes(taskId)).map(({ status }) => status)
    }
    expect(await listed()).toEqual(['working', 'working'])
    expect(await client.experimental.tasks.cancelTask(String(made[1]))).toMatchObject({ status: 'cancelled' })
    expect(await listed()).toEqual(['working', 'cancelled'])
  })

  test('neither sees nor cancels the task of another session', async () => {
    const { taskId } = await begin('one_work', 'mine')
    const other = await connect()
    await expect(other.experimental.tasks.getTask(taskId)).rejects.toMatchObject({ code: -32602 })
    await expect(other.experimental.tasks.cancelTask(taskId)).rejects.toMatchObject({ code: -32602 })
    await expect(other.experimental.tasks.getTaskResult(taskId, CallToolResultSchema)).rejects.toMatchObject({
      code: -32602,
    })
    expect((await other.experimental.tasks.listTasks()).tasks).toEqual([])
    expect(await client.experimental.tasks.getTask(taskId)).toMatchObject({ status: 'working' })
  })
})

describe('a modern client', () => {
  const client = (capabilities: object = { extensions: { [EXTENSION]: {} }, elicitation: {} }) => {
    const made = new ModernClient(gateway.ready, { capabilities })
    stage.defer(() => made.close())
    return made
  }
  const begin = async (by: ModernClient, server: string) =>
    by.result('tools/call', { name: `${server}_work`, arguments: { about: 'x' } })
  const sure = { sure: { action: 'accept', content: { value: 'yes' } } }

  test('is told that there are tasks, and that no tool of a legacy server is one', async () => {
    const { capabilities } = await client().result('server/discover')
    expect((capabilities as Json).extensions).toEqual({ [EXTENSION]: {} })
    expect(capabilities).not.toHaveProperty('tasks')
    const { tools } = await client().result('tools/list')
    expect(JSON.stringify(tools)).not.toContain('taskSupport')
  })

  test('reaches the task of each server under an id of its own, though theirs are the same', async () => {
    const by = client()
    const made = [await begin(by, 'a'), await begin(by, 'b')]
    expect(made).toMatchObject([{ resultType: 'task', status: 'input_required' }, { resultType: 'task' }])
    const [a, b] = made.map(({ taskId }) => String(taskId)) as [string, string]
    expect(new Set([a, b, 'task-1']).size).toBe(3)
    for (const [server, taskId] of Object.entries({ a, b }))
      expect(await by.result('tasks/get', { taskId })).toMatchObject({
        taskId,
        status: 'input_required',
        inputRequests: { sure: { params: { message: `${server} about x` } } },
      })
    await by.result('tasks/update', { taskId: b, inputResponses: sure })
    expect(await by.result('tasks/get', { taskId: b })).toMatchObject({
      taskId: b,
      status: 'completed',
      result: { content: [{ text: 'b: accept:yes' }] },
    })
    await by.result('tasks/cancel', { taskId: a })
    expect(await by.result('tasks/get', { taskId: a })).toMatchObject({ taskId: a, status: 'cancelled' })
  })

  test('hears of its tasks, and of no other', async () => {
    const by = client()
    const [mine, quiet] = [await begin(by, 'a'), await begin(by, 'b')].map(({ taskId }) => String(taskId))
    const heard: RpcMessage[] = []
    const params = { notifications: { taskIds: [mine, 'task-1', 'made-up'] }, _meta: by.meta() }
    const message = { jsonrpc: '2.0', id: 'listen', method: 'subscriptions/listen', params }
    await by.raw.subscribe(message, (it) => heard.push(it))
    await eventually(() => expect(heard).toHaveLength(1))
    expect(heard[0]).toMatchObject({
      method: 'notifications/subscriptions/acknowledged',
      params: { notifications: { taskIds: [mine] } },
    })
    await by.result('tasks/cancel', { taskId: quiet })
    await by.result('tasks/update', { taskId: mine, inputResponses: sure })
    await eventually(() => expect(heard).toHaveLength(2))
    expect(heard[1]).toMatchObject({
      method: 'notifications/tasks',
      params: {
        taskId: mine,
        status: 'completed',
        _meta: { 'io.modelcontextprotocol/subscriptionId': 'listen' },
      },
    })
  })

  test('reaches no task by an id that is not its own', async () => {
    const by = client()
    await begin(by, 'a')
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel'])
      for (const taskId of ['task-1', 'made-up']) {
        const { status, message } = await by.request(method, { taskId, inputResponses: sure })
        expect([status, message.error?.code]).toEqual([400, -32602])
      }
  })

  test('that knows no tasks gets none', async () => {
    const result = await begin(client({ elicitation: {} }), 'a')
    expect(result).toMatchObject({ resultType: 'complete', content: [{ text: 'a: no tasks' }] })
  })

  test('and a legacy one that declares the extension get none from the other era', async () => {
    const legacy = new Client(
      { name: 'both', version: '1' },
      { capabilities: { elicitation: {}, extensions: { [EXTENSION]: {} } } },
    )
    await legacy.connect(new StreamableHTTPClientTransport(new URL(gateway.ready)) as Transport)
    stage.defer(() => legacy.close())
    const result = await legacy.callTool({ name: 'a_work', arguments: { about: 'x' } })
    expect(result.content).toMatchObject([{ text: 'a: no tasks' }])
  })
})
