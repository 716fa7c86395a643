import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Call } from '../../../core/call.ts'
import type { Principal } from '../../../core/caller.ts'
import type { JsonObject } from '../../../core/catalog.ts'
import { RawObject } from '../../../core/raw.ts'
import { events, memoryGateway, next, type Served, serve } from '../../testing.ts'

// Tasks of SEP-2663 on the wire.

const TASKS = { extensions: { 'io.modelcontextprotocol/tasks': {} } }
const METHODS = ['tasks/get', 'tasks/update', 'tasks/cancel']

let served: Served
let calls: Extract<Call, { kind: 'task' }>[]
beforeEach(async () => {
  calls = []
  served = await open()
})
afterEach(() => served.close())

async function open(): Promise<Served> {
  const front = await serve(memoryGateway(), {
    capabilities: () => TASKS,
    authenticate: ({ headers }): Principal => {
      const subject = String(headers['x-user'] ?? 'ada')
      return { issuer: 'i', subject, name: subject, claims: {} }
    },
  })
  front.gateway.tool('works', () => ({
    type: 'task',
    body: RawObject.of({ taskId: 'own "id"', status: 'working', ttlMs: null }),
  }))
  for (const method of METHODS)
    front.gateway.method(method, (_, call) => {
      calls.push(call as Extract<Call, { kind: 'task' }>)
      return { taskId: 'own "id"', status: 'completed', result: { content: [], big: 1 } }
    })
  return front
}

interface Answer {
  readonly status: number
  readonly result?: JsonObject & { readonly taskId: string }
  readonly error?: { readonly code: number; readonly message: string }
}

async function send(
  method: string,
  params: JsonObject,
  {
    capabilities = TASKS,
    headers = {},
  }: { capabilities?: JsonObject; headers?: Record<string, string> } = {},
  to = served,
): Promise<Answer> {
  const meta = { 'io.modelcontextprotocol/clientCapabilities': capabilities }
  const reply = await to.modern(method, params, { meta, headers })
  return { status: reply.status, ...((await reply.json()) as object) }
}

const begin = async () => (await send('tools/call', { name: 'works' })).result?.taskId as string

describe('a task', () => {
  it('has an id of ours, which says nothing, and is the same each time', async () => {
    const { result } = await send('tools/call', { name: 'works' })
    expect(result).toMatchObject({ resultType: 'task', status: 'working', ttlMs: null })
    expect(result?.taskId).toMatch(/^[\w-]{40,}$/)
    expect(await begin()).toBe(result?.taskId)
  })

  it.each(METHODS)('is reached by %s under the id of its backend', async (method) => {
    const taskId = await begin()
    const inputResponses = { a: { action: 'accept' } }
    const { status, result } = await send(method, { taskId, inputResponses })
    expect(status).toBe(200)
    expect(result).toMatchObject({ resultType: 'complete', taskId, status: 'completed' })
    expect(calls[0]).toMatchObject({ kind: 'task', method, backend: 'memory', taskId: 'own "id"' })
    expect(calls[0]?.params.value('taskId')).toBe('own "id"')
    expect(calls[0]?.params.value('inputResponses')).toEqual(inputResponses)
  })

  it.each(METHODS)('of another caller is not reached by %s, nor one that was made up', async (method) => {
    const taskId = await begin()
    const refused = { status: 400, error: { code: -32602, message: 'params.taskId names no task of yours' } }
    expect(await send(method, { taskId }, { headers: { 'x-user': 'mallory' } })).toMatchObject(refused)
    for (const forged of ['own "id"', `${taskId}A`, taskId.slice(1), '', 'x']) {
      const headers = { 'mcp-name': `=?base64?${Buffer.from(forged).toString('base64')}?=` }
      expect(await send(method, { taskId: forged }, { headers })).toMatchObject(refused)
    }
    expect(await send(method, {})).toMatchObject(refused)
    expect(calls).toEqual([])
  })

  it('of another gateway is not reached', async () => {
    const taskId = await begin()
    const other = await open()
    expect(await send('tasks/get', { taskId }, {}, other)).toMatchObject({ status: 400 })
    await other.close()
  })

  it.each(METHODS)('is named by Mcp-Name in %s', async (method) => {
    const taskId = await begin()
    for (const name of ['', 'other'])
      expect(await send(method, { taskId }, { headers: { 'mcp-name': name } })).toMatchObject({
        status: 400,
        error: { code: -32020 },
      })
  })

  it('is not given to a client that has not declared tasks', async () => {
    for (const capabilities of [
      {},
      { extensions: {} },
      { extensions: ['io.modelcontextprotocol/tasks'] },
      { tasks: {} },
    ])
      expect((await send('tools/call', { name: 'works' }, { capabilities })).error).toMatchObject({
        code: -32603,
        message: expect.stringContaining('has not declared tasks'),
      })
  })

  it('asks for no input that its client has not declared', async () => {
    served.gateway.method('tasks/get', () => ({
      status: 'input_required',
      inputRequests: { a: { method: 'roots/list', params: {} } },
    }))
    const taskId = await begin()
    expect(await send('tasks/get', { taskId })).toMatchObject({ status: 400, error: { code: -32021 } })
    const capabilities = { ...TASKS, roots: {} }
    expect(await send('tasks/get', { taskId }, { capabilities })).toMatchObject({
      result: { status: 'input_required', inputRequests: { a: { method: 'roots/list' } } },
    })
  })

  it.each(['tasks/list', 'tasks/result'])('has no %s in this revision', async (method) => {
    served.gateway.method(method, () => ({}))
    expect(await send(method, { taskId: await begin() })).toMatchObject({
      status: 404,
      error: { code: -32601 },
    })
  })
})

describe('subscriptions/listen', () => {
  it('tells of tasks by our ids, and honours no id that is not the caller’s', async () => {
    let tell: (() => void) | undefined
    served.gateway.method('subscriptions/listen', (exchange, call) => {
      calls.push(call as Extract<Call, { kind: 'task' }>)
      const params = RawObject.of({ taskId: 'own "id"', status: 'completed', _meta: { x: 1 } })
      tell = () => exchange.notify({ method: 'notifications/tasks', params })
      return {}
    })
    const taskId = await begin()
    const notifications = { taskIds: [taskId, 'own "id"', `${taskId}A`] }
    const stream = events(await served.modern('subscriptions/listen', { notifications }))
    expect(await next(stream)).toMatchObject({
      method: 'notifications/subscriptions/acknowledged',
      params: { notifications: { taskIds: [taskId] } },
    })
    expect(calls.map((call) => call.taskId)).toEqual(['own "id"'])
    tell?.()
    expect(await next(stream)).toEqual({
      jsonrpc: '2.0',
      method: 'notifications/tasks',
      params: { taskId, status: 'completed', _meta: { 'io.modelcontextprotocol/subscriptionId': 1, x: 1 } },
    })
  })
})
