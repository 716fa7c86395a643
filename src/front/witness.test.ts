import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ANONYMOUS } from '../core/caller.ts'
import { GatewayError } from '../core/errors.ts'
import { RawObject } from '../core/raw.ts'
import { type Recorder, recorder } from './mcp/recorder.ts'
import type { FrontOptions } from './options.ts'
import { serveStdio } from './stdio.ts'
import { echo, events, frontOptions, memoryGateway, next, type Served, serve, text } from './testing.ts'

// Whatever a client does, a witness sees it once, and how it ended.

let watched: Recorder
let served: Served

beforeEach(() => open())
afterEach(() => served.close())

async function open(more: Partial<FrontOptions> = {}): Promise<void> {
  await served?.close()
  watched = recorder()
  served = await serve(memoryGateway(), { witnesses: [watched.witness], ...more })
  served.gateway.tool('echo', echo)
  served.gateway.tool('fails', () => ({ ...text('no such city'), isError: true }))
  served.gateway.tool('refuses', () => {
    throw GatewayError.backend({ code: -32050, message: 'not today' })
  })
  served.gateway.tool('breaks', () => {
    throw new Error('a bug')
  })
}

const rpc = (method: string, params: object = {}, id: unknown = 1) => ({ jsonrpc: '2.0', id, method, params })
const call = (name: string) => rpc('tools/call', { name, arguments: { a: 1 } })

/** The latest that has ended, in short. */
function last() {
  const { seen, item, ending } = watched.ended.at(-1) ?? {}
  return {
    kind: seen?.kind,
    method: seen?.method,
    client: ending?.caller?.client['name'],
    item: item?.origin.name,
    isError: ending?.result?.body.text('isError'),
    error: ending?.error?.code,
    cause: ending?.cause?.code,
    status: ending?.status,
    streamed: ending?.streamed,
  }
}

const fine = { isError: undefined, error: undefined, cause: undefined, status: 200, streamed: false }

describe('a witness of modern clients', () => {
  it('sees a call with what was found, what came of it, and who made it', async () => {
    const reply = await served.modern('tools/call', { name: 'echo', arguments: { a: 1 } })
    const body = await reply.text()
    expect(last()).toEqual({ kind: 'request', method: 'tools/call', client: 'test', item: 'echo', ...fine })
    const [{ seen, ending } = {}] = watched.ended
    expect(seen?.principal).toBe(ANONYMOUS)
    expect(seen?.params?.text('arguments')).toBe('{"a":1}')
    expect(seen?.source).toMatchObject({ transport: 'http', endpoint: '/mcp', httpMethod: 'POST' })
    expect(seen?.source.address).toContain('127.0.0.1')
    expect(seen?.source.headers['mcp-name']).toBe('echo')
    expect(ending?.bytes).toBe(Buffer.byteLength(body))
    expect(body).toContain(Buffer.concat(ending?.sent ?? []).toString())
  })

  it('sees lists, errors of tools, of backends and of ours, and what is not there', async () => {
    const seen = async (method: string, params: object = {}) => {
      await (await served.modern(method, { ...params })).text()
      return last()
    }
    expect(await seen('tools/list')).toMatchObject({ method: 'tools/list', item: undefined, ...fine })
    const sent = Buffer.concat(watched.ended[0]?.ending?.sent ?? []).toString()
    expect(JSON.parse(sent)).toMatchObject({ tools: [{ name: 'echo' }, {}, {}, {}] })
    expect(await seen('tools/call', { name: 'fails' })).toMatchObject({ isError: 'true', error: undefined })
    expect(await seen('tools/call', { name: 'refuses' })).toMatchObject({ error: -32050, cause: 'backend' })
    expect(await seen('tools/call', { name: 'breaks' })).toMatchObject({ error: -32603, cause: 'internal' })
    expect(await seen('tools/call', { name: 'none' })).toMatchObject({
      item: undefined,
      error: -32602,
      cause: 'not_found',
      status: 400,
    })
  })

  it('sees what is refused for how it was sent, as far as the sender is known', async () => {
    await (await served.modern('tools/list', {}, { headers: { 'mcp-method': 'tools/call' } })).text()
    expect(last()).toMatchObject({
      kind: 'request',
      client: undefined,
      cause: 'header_mismatch',
      status: 400,
    })
    expect(watched.ended[0]?.seen.principal).toBe(ANONYMOUS)
    await served.post(rpc('tools/list'), { 'mcp-protocol-version': '2026-07-28' })
    expect(last()).toMatchObject({ kind: 'request', method: 'tools/list', cause: 'invalid_params' })
    const notification = { jsonrpc: '2.0', method: 'notifications/x', params: {} }
    await served.post(notification, { 'mcp-protocol-version': '2026-07-28' })
    expect(last()).toMatchObject({ kind: 'notification', method: 'notifications/x', status: 202 })
    await served.post(notification, { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'y' })
    expect(last()).toMatchObject({ kind: 'notification', cause: 'header_mismatch', status: 400 })
  })

  it('sees that a client gave up, and that a reply was a stream', async () => {
    served.gateway.tool(
      'waits',
      ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', reject)),
    )
    const cut = new AbortController()
    const gone = served.modern('tools/call', { name: 'waits' }, { signal: cut.signal }).catch(() => 'gone')
    while (watched.records[0]?.item === undefined) await new Promise((resolve) => setTimeout(resolve, 5))
    cut.abort()
    expect(await gone).toBe('gone')
    await watched.until(1)
    expect(last()).toMatchObject({ item: 'waits', cause: 'cancelled', error: undefined, status: undefined })

    served.gateway.tool('tells', (exchange) => {
      const params = RawObject.of({ progressToken: 1, progress: 1 })
      exchange.notify({ method: 'notifications/progress', params })
      return { ...text('never mind'), isError: true }
    })
    const reply = await served.modern('tools/call', { name: 'tells' }, { meta: { progressToken: 7 } })
    expect(await reply.text()).toContain('event: message')
    expect(last()).toMatchObject({ item: 'tells', isError: 'true', status: 200, streamed: true })
  })

  it('sees each round of a call that asks, with what the call is about', async () => {
    served.gateway.tool('asks', async (exchange) => {
      await exchange.ask({ method: 'roots/list', params: RawObject.empty })
      return text('thanks')
    })
    const meta = { 'io.modelcontextprotocol/clientCapabilities': { roots: {} } }
    const first = await served.modern('tools/call', { name: 'asks' }, { meta })
    const { result } = (await first.json()) as { result: { requestState: string; inputRequests: object } }
    expect(last()).toMatchObject({ item: 'asks', ...fine })
    expect(watched.ended[0]?.ending?.result?.type).toBe('input_required')
    const inputResponses = { [Object.keys(result.inputRequests)[0] ?? '']: { roots: [] } }
    const again = { name: 'asks', requestState: result.requestState, inputResponses }
    expect(await (await served.modern('tools/call', again, { meta })).text()).toContain('thanks')
    expect(last()).toMatchObject({ item: 'asks', ...fine })
    expect(watched.ended[1]?.ending?.result?.type).toBe('complete')
  })
})

describe('a witness of legacy clients', () => {
  it('sees a session from its beginning to its end', async () => {
    const headers = await served.session()
    expect(last()).toMatchObject({ kind: 'request', method: 'initialize', client: 't', ...fine })
    const [{ seen, ending } = {}] = watched.ended
    expect(seen?.caller).toBeUndefined()
    expect(ending?.caller?.session).toBe(headers['mcp-session-id'])

    await served.post({ jsonrpc: '2.0', method: 'notifications/initialized' }, headers)
    expect(last()).toMatchObject({ kind: 'notification', method: 'notifications/initialized', status: 202 })
    await served.post(call('echo'), headers)
    expect(last()).toEqual({ kind: 'request', method: 'tools/call', client: 't', item: 'echo', ...fine })
    await served.post(call('none'), headers)
    expect(last()).toMatchObject({ error: -32602, cause: 'not_found', status: 200 })
    await served.post({ jsonrpc: '2.0', id: 'vmcp-9', result: {} }, headers)
    expect(last()).toMatchObject({ kind: 'response', method: '', client: 't', status: 202 })
    await fetch(served.url, { method: 'DELETE', headers })
    expect(last()).toMatchObject({ kind: 'other', method: 'DELETE', client: 't', status: 200 })
  })

  it('sees a stream when it opens, and when it is over', async () => {
    const headers = await served.session()
    const cut = new AbortController()
    const stream = await fetch(served.url, {
      headers: { ...headers, accept: 'text/event-stream' },
      signal: cut.signal,
    })
    expect(stream.status).toBe(200)
    const { seen, ending } = watched.records.at(-1) ?? {}
    expect(seen).toMatchObject({ kind: 'stream', method: 'GET', caller: { client: { name: 't' } } })
    expect(ending).toBeUndefined()
    cut.abort()
    await watched.until(2)
    expect(last()).toMatchObject({ kind: 'stream', status: 200, streamed: true })
  })

  it('sees each message of a batch', async () => {
    const headers = await served.session({ protocolVersion: '2025-03-26' })
    const batch = [call('echo'), { jsonrpc: '2.0', method: 'notifications/x' }, { jsonrpc: '2.0' }]
    await served.post(batch, headers)
    const kinds = watched.ended.slice(1).map(({ seen }) => seen.kind)
    expect(kinds.toSorted()).toEqual(['notification', 'other', 'request'])
    await served.post(batch)
    expect(last()).toMatchObject({ kind: 'other', method: 'POST', cause: 'invalid_request', status: 400 })
    expect(watched.ended).toHaveLength(5)
  })
})

describe('a witness of what is turned away', () => {
  const turned = (init: RequestInit, path = '') =>
    fetch(new URL(path, served.url), init).then((it) => it.text())

  it.each([
    [
      'what is no JSON',
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' },
      { method: 'POST', error: -32700, cause: 'parse', status: 400 },
    ],
    ['a method that the endpoint has not', { method: 'PUT' }, { method: 'PUT', error: -32600, status: 405 }],
    ['a GET without a session', { headers: { accept: 'text/event-stream' } }, { method: 'GET', status: 405 }],
    ['a GET that takes no stream', { headers: { accept: 'text/plain' } }, { method: 'GET', status: 406 }],
    [
      'a DELETE of no session',
      { method: 'DELETE', headers: { 'mcp-session-id': 'x' } },
      { error: -32001, status: 404 },
    ],
    [
      'a page of a foreign origin',
      { method: 'POST', headers: { origin: 'http://evil.example' } },
      { status: 403 },
    ],
  ])('sees %s', async (_, init, expected) => {
    await turned(init)
    expect(last()).toMatchObject({ kind: 'other', ...expected })
    expect(watched.ended).toHaveLength(1)
  })

  it('sees a request of no session as that request', async () => {
    await served.post(call('echo'))
    expect(last()).toMatchObject({ kind: 'request', method: 'tools/call', error: -32600, status: 400 })
    await served.post(call('echo'), { 'mcp-session-id': 'gone' })
    expect(last()).toMatchObject({ kind: 'request', method: 'tools/call', error: -32001, status: 404 })
  })

  it('sees paths that are served and that are not, and leaves probes alone', async () => {
    for (const path of ['/health', '/ping', '/readyz']) await turned({}, path)
    expect(watched.records).toEqual([])
    await turned({}, '/status')
    expect(last()).toMatchObject({ kind: 'other', method: 'GET', status: 200 })
    await turned({}, '/nowhere?token=secret')
    expect(last()).toMatchObject({ kind: 'other', method: 'GET', status: 404 })
    expect(watched.ended.map(({ seen }) => seen.source.endpoint)).toEqual(['/status', '/nowhere'])
  })

  it('sees a caller whom nobody knows', async () => {
    await open({
      authenticate: () => {
        throw new GatewayError('unauthenticated', 'the token has expired')
      },
    })
    await served.post(call('echo'))
    expect(last()).toMatchObject({ kind: 'other', cause: 'unauthenticated', status: 401 })
    expect(watched.ended[0]?.seen.principal).toBeUndefined()
  })
})

describe('the name of a request', () => {
  it('is the same for the witness and for the call, and one of its own', async () => {
    const refs: unknown[] = []
    served.gateway.tool('names', (exchange) => {
      refs.push(exchange.ref)
      return text('ok')
    })
    await served.modern('tools/call', { name: 'names' })
    await served.post(call('names'), await served.session())
    expect(refs).toEqual([watched.ended[0]?.seen.ref, watched.ended[2]?.seen.ref])
    expect(watched.ended[0]?.seen.ref).toBe(refs[0])
    expect(new Set(watched.ended.map(({ seen }) => seen.ref.id)).size).toBe(3)
  })

  it('comes from a header where one is named, and only if it is fit to be a name', async () => {
    await served.modern('tools/list', {}, { headers: { 'x-request-id': 'ours-1' } })
    expect(watched.ended[0]?.seen.ref.id).not.toBe('ours-1')
    await open({ requestIdHeader: 'x-request-id' })
    await served.modern('tools/list', {}, { headers: { 'x-request-id': 'ours-1' } })
    expect(watched.ended[0]?.seen.ref.id).toBe('ours-1')
    await served.modern('tools/list', {}, { headers: { 'x-request-id': 'two words' } })
    expect(watched.ended[1]?.seen.ref.id).toMatch(/^[0-9a-f]{12}-[0-9a-z]+$/)
  })
})

describe('where there is no room for what would be seen', () => {
  it('messages wait until there is, and those whose client has gone are not served', async () => {
    let open = () => {}
    let room: Promise<void> | undefined = new Promise((resolve) => {
      open = resolve
    })
    await served.close()
    watched = recorder()
    served = await serve(memoryGateway(), { witnesses: [watched.witness], room: () => room })
    served.gateway.tool('echo', echo)
    const cut = new AbortController()
    const replies = [
      served.modern('tools/call', { name: 'echo' }),
      served.modern('tools/call', { name: 'echo' }, { signal: cut.signal }).catch(() => undefined),
    ]
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(watched.records).toEqual([])
    cut.abort()
    await new Promise((resolve) => setTimeout(resolve, 50))
    room = undefined
    open()
    expect((await replies[0])?.status).toBe(200)
    const ended = await watched.until(2)
    expect(ended.map(({ seen, ending }) => `${seen.kind} ${ending?.cause?.code}`).toSorted()).toEqual([
      'other cancelled',
      'request undefined',
    ])
  })

  it('messages on stdin wait too', async () => {
    let open = () => {}
    let room: Promise<void> | undefined = new Promise((resolve) => {
      open = resolve
    })
    const [input, output] = [new PassThrough(), new PassThrough()]
    const options = frontOptions({ witnesses: [watched.witness], room: () => room })
    const front = serveStdio(memoryGateway(), options, { input, output })
    input.write(`${JSON.stringify(rpc('ping'))}\n`)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(watched.records).toEqual([])
    room = undefined
    open()
    await watched.until(1)
    await front.close()
  })
})

it('shows everything to each of several witnesses, and to none that looks away', async () => {
  const other = recorder()
  await open({ witnesses: [() => undefined, other.witness, (seen) => watched.witness(seen)] })
  await served.modern('tools/call', { name: 'echo' })
  const [one, two] = [watched.ended[0], other.ended[0]]
  expect(one?.item?.origin.name).toBe('echo')
  expect(two?.item?.origin.name).toBe('echo')
  expect(one?.ending).toBe(two?.ending)
})

it('is told of in the log when it fails, and harms neither the request nor other witnesses', async () => {
  const said: string[] = []
  const say = (_: unknown, message: string) => void said.push(message)
  const failing = (): never => {
    throw new Error('a bug')
  }
  const log = { debug: say, info: say, warn: say, error: say }
  const other = recorder()
  await open({ log, witnesses: [failing, () => ({ found: failing, end: failing }), other.witness] })
  const reply = await served.modern('tools/call', { name: 'echo', arguments: {} })
  expect(await reply.json()).toMatchObject({ id: 1, result: {} })
  expect(other.ended[0]?.item?.origin.name).toBe('echo')
  expect(said).toEqual(Array.from({ length: 3 }, () => 'what a client does could not be observed'))
})

describe('a witness of stdio', () => {
  it('sees the messages of both eras, and what is none', async () => {
    const [input, output] = [new PassThrough(), new PassThrough()]
    const gateway = memoryGateway()
    gateway.tool('echo', echo)
    const front = serveStdio(gateway, frontOptions({ witnesses: [watched.witness] }), { input, output })
    const send = async (message: unknown) => {
      const before = watched.ended.length
      input.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`)
      await watched.until(before + 1)
      return last()
    }
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 's', version: '1' },
    }
    const said = { ...fine, status: undefined }
    expect(await send(call('echo'))).toMatchObject({ method: 'tools/call', cause: 'invalid_request' })
    expect(await send(rpc('ping'))).toMatchObject({ method: 'ping', ...said })
    expect(await send(rpc('initialize', params))).toMatchObject({
      method: 'initialize',
      client: 's',
      ...said,
    })
    expect(await send(rpc('initialize', params))).toMatchObject({ cause: 'invalid_request', error: -32600 })
    expect(await send(call('echo'))).toEqual({
      kind: 'request',
      method: 'tools/call',
      client: 's',
      item: 'echo',
      ...said,
    })
    expect(await send({ jsonrpc: '2.0', method: 'notifications/x' })).toMatchObject({ kind: 'notification' })
    expect(await send({ jsonrpc: '2.0', id: 4, result: {} })).toMatchObject({ kind: 'response' })
    expect(await send('{')).toMatchObject({ kind: 'other', method: '', cause: 'parse' })
    expect(watched.ended.every(({ seen }) => seen.source.transport === 'stdio')).toBe(true)
    await front.close()
  })
})

it('sees the end of what a shutdown ends', async () => {
  const stream = await served.modern('subscriptions/listen', { notifications: { toolsListChanged: true } })
  const heard = events(stream)
  await next(heard)
  await served.close()
  expect(last()).toMatchObject({ method: 'subscriptions/listen', ...fine, streamed: true })
})
