import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Call } from '../../../core/call.ts'
import type { MethodItem } from '../../../core/catalog.ts'
import { GatewayError } from '../../../core/errors.ts'
import { RawObject } from '../../../core/raw.ts'
import { events, memoryGateway, next, type Served, serve, text } from '../../testing.ts'
import { TaskBook } from './task-book.ts'

let served: Served
let mine: Record<string, string>
let made: number
const calls: Extract<Call, { kind: 'task' }>[] = []

beforeEach(async () => {
  served = await serve(memoryGateway())
  made = 0
  calls.length = 0
  served.gateway.tool('works', () => ({ task: { taskId: `t${++made}`, status: 'working', big: 1 } }))
  for (const method of ['tasks/get', 'tasks/result', 'tasks/cancel'])
    served.gateway.method(method, (_, call) => {
      if (call.kind !== 'task') throw new Error('no task')
      calls.push(call)
      return { taskId: call.taskId, status: 'working', _meta: { own: 1 } }
    })
  mine = await served.session()
})
afterEach(() => served.close())

interface Reply {
  readonly result?: {
    readonly tasks?: { taskId: string }[]
    readonly nextCursor?: string
    readonly content?: object[]
  }
  readonly error?: { readonly code: number; readonly message: string }
}

async function send(method: string, params: object = {}, session = mine): Promise<Reply> {
  const reply = await served.post({ jsonrpc: '2.0', id: 1, method, params }, session)
  return (await reply.json()) as Reply
}

const begin = (session = mine) => send('tools/call', { name: 'works', task: { ttl: 1 } }, session)

const METHODS = ['tasks/get', 'tasks/result', 'tasks/cancel']

describe('a task of a legacy session', () => {
  it.each(METHODS)(
    'is reached by %s where its call went, with the parameters as they came',
    async (method) => {
      await begin()
      const params = { taskId: 't1', more: [1], _meta: { x: 1 } }
      const { result } = await send(method, params)
      expect(result).toEqual({ taskId: 't1', status: 'working', _meta: { own: 1 } })
      expect(calls[0]).toMatchObject({ method, backend: 'memory', taskId: 't1' })
      expect(calls[0]?.params.parse()).toEqual(params)
    },
  )

  it.each(METHODS)('is nothing that another session could reach by %s', async (method) => {
    await begin()
    const other = await served.session()
    const { error } = await send(method, { taskId: 't1' }, other)
    expect(error).toEqual({ code: -32602, message: 'params.taskId must name a task of this session' })
    expect((await send('tasks/list', {}, other)).result).toEqual({ tasks: [] })
    expect(calls).toEqual([])
  })

  it.each([undefined, 7, 'unknown', '__proto__'])('has an id, which %j is not', async (taskId) => {
    await begin()
    expect((await send('tasks/get', { taskId })).error?.code).toBe(-32602)
  })

  it('is not learned from a call that did not ask for one', async () => {
    await send('tools/call', { name: 'works' })
    expect((await send('tasks/list')).result).toEqual({ tasks: [] })
  })

  it('may ask the client in the course of tasks/result', async () => {
    served.gateway.method('tasks/result', async (exchange) => {
      const answer = await exchange.ask({
        method: 'elicitation/create',
        params: RawObject.of({ message: '?' }),
      })
      return text(String(answer.value('action')))
    })
    mine = await served.session({ capabilities: { elicitation: {} } })
    await begin()
    const reply = await served.post(
      { jsonrpc: '2.0', id: 5, method: 'tasks/result', params: { taskId: 't1' } },
      mine,
    )
    const stream = events(reply)
    const asked = await next(stream)
    expect(asked).toMatchObject({ method: 'elicitation/create', params: { message: '?' } })
    await served.post({ jsonrpc: '2.0', id: asked['id'], result: { action: 'decline' } }, mine)
    expect(await next(stream)).toMatchObject({ id: 5, result: text('decline') })
  })
})

describe('tasks/list', () => {
  it('lists the tasks of the session in pages, in the order in which they were made', async () => {
    for (let n = 0; n < 101; n++) await begin()
    const ids: string[] = []
    const sizes: number[] = []
    let cursor: string | undefined
    do {
      const { result } = await send('tasks/list', cursor === undefined ? {} : { cursor })
      const page = result?.tasks ?? []
      sizes.push(page.length)
      ids.push(...page.map(({ taskId }) => taskId))
      expect(page[0]).not.toHaveProperty('_meta')
      cursor = result?.nextCursor
    } while (cursor !== undefined)
    expect(sizes).toEqual([50, 50, 1])
    expect(ids).toEqual(Array.from({ length: 101 }, (_, n) => `t${n + 1}`))
  })

  it('leaves out what the backend has forgotten', async () => {
    for (let n = 0; n < 3; n++) await begin()
    served.gateway.method('tasks/get', (_, call) => {
      if (call.kind === 'task' && call.taskId === 't2')
        throw GatewayError.backend({ code: -32602, message: 'no such task' })
      return { taskId: call.kind === 'task' && call.taskId }
    })
    expect((await send('tasks/list')).result).toEqual({ tasks: [{ taskId: 't1' }, { taskId: 't3' }] })
  })

  it.each(['', '0', '-1', '1.5', 'x', '00001', '99999', 7, null])('refuses the cursor %j', async (cursor) => {
    expect((await send('tasks/list', { cursor })).error?.code).toBe(-32602)
  })

  it('ends behind the last task', async () => {
    await begin()
    expect((await send('tasks/list', { cursor: '50' })).result).toEqual({ tasks: [] })
  })
})

describe('a task book', () => {
  const at = (backend: string): MethodItem => ({
    kind: 'method',
    name: 'm',
    origin: { backend, name: 'm' },
    definition: {},
    hidden: false,
  })
  const task = (task: unknown) => ({ type: 'complete', body: RawObject.of({ task }) })

  it('knows by whose backend a task is', () => {
    const book = new TaskBook()
    book.learn(task({ taskId: 'x' }), at('a'))
    book.learn(task({ taskId: 'y' }), at('b'))
    expect([book.find('x')?.backend, book.find('y')?.backend, book.find('z')?.backend]).toEqual([
      'a',
      'b',
      undefined,
    ])
  })

  it('learns nothing from what is no task', () => {
    const book = new TaskBook()
    for (const it of [undefined, null, 'x', {}, { taskId: 7 }, []]) book.learn(task(it), at('a'))
    expect(book.all).toEqual([])
  })

  it('forgets the oldest of more than a thousand', () => {
    const book = new TaskBook()
    for (let n = 0; n <= 1_000; n++) book.learn(task({ taskId: `t${n}` }), at('a'))
    expect([book.all.length, book.find('t0')?.backend, book.find('t1')?.backend]).toEqual([
      1_000,
      undefined,
      'a',
    ])
    book.learn(task({ taskId: 't500' }), at('a'))
    expect(book.find('t1')?.backend).toBe('a')
  })

  const RELATED = 'io.modelcontextprotocol/related-task'
  const about = (taskId: string, more: object = {}) =>
    RawObject.of({ ...more, _meta: { kept: 1, [RELATED]: { taskId, more: 1 } } })

  it('gives a task another id where its own is that of a task of another backend, and tells both apart', () => {
    const book = new TaskBook()
    expect(book.learn(task({ taskId: '1', ttl: 5 }), at('a')).body.parse()).toEqual({
      task: { taskId: '1', ttl: 5 },
    })
    const learned = book.learn(task({ taskId: '1', ttl: 5 }), at('b'))
    expect(learned.body.parse()).toEqual({ task: { taskId: '1@b', ttl: 5 } })
    expect([book.find('1'), book.find('1@b')]).toEqual([
      { backend: 'a', taskId: '1' },
      { backend: 'b', taskId: '1' },
    ])
    // The same task told of again is no other.
    expect(book.learn(task({ taskId: '1' }), at('b')).body.parse()).toEqual({ task: { taskId: '1@b' } })
    // An id that somebody else has made up just so.
    book.learn(task({ taskId: '2@c' }), at('d'))
    book.learn(task({ taskId: '2' }), at('a'))
    expect(book.learn(task({ taskId: '2' }), at('c')).body.parse()).toEqual({ task: { taskId: '2@c.2' } })
  })

  it('has the client read its own id in all that a backend says of such a task', () => {
    const book = new TaskBook()
    for (const backend of ['a', 'b']) book.learn(task({ taskId: '1' }), at(backend))
    const status = RawObject.of({ taskId: '1', status: 'working' })
    expect(book.shown(status, 'b').parse()).toEqual({ taskId: '1@b', status: 'working' })
    expect(book.shown(status, 'a')).toBe(status)
    expect(book.related(about('1', { taskId: '1' }), 'b').parse()).toEqual({
      taskId: '1',
      _meta: { kept: 1, [RELATED]: { taskId: '1@b', more: 1 } },
    })
    const other = about('7')
    expect(book.related(other, 'b')).toBe(other)
  })
})
