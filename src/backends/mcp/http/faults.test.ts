import type { ServerResponse } from 'node:http'
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { closedAfterEach } from '../../../../test/fixtures/closed.ts'
import { freePort } from '../../../../test/fixtures/ports.ts'
import type { Backend } from '../../../core/ports.ts'
import {
  exchange,
  failed,
  handMade,
  httpConfig,
  type JsonRpc,
  legacyBasics,
  modernCaller,
  ready,
  Stage,
  sendJson,
  textOf,
  toolCall,
  until,
} from '../../testing.ts'

const stage = closedAfterEach(new Stage())

const call = (backend: Backend, ex = exchange()) =>
  backend.run({ caller: modernCaller(), ...toolCall('echo', { text: 'x' }) }, ex)

/** A legacy server whose calls are answered by `answer`. */
async function faulty(answer: (message: JsonRpc, res: ServerResponse) => unknown, limits = {}) {
  const listener = handMade((message, _, res) =>
    message.method === 'tools/call' ? answer(message, res) : legacyBasics(message, res),
  )
  return stage.backend(httpConfig(await stage.serve(listener), { timeoutMs: 2_000 }), { limits })
}

const result = { content: [{ type: 'text', text: 'fine' }] }
const events = (res: ServerResponse) => res.writeHead(200, { 'content-type': 'text/event-stream' })

describe('a server that cannot be connected', () => {
  const statusOf = async (status: number, headers = {}) => {
    const url = await stage.serve((_, res) => void res.writeHead(status, headers).end('no'))
    return failed(stage.backends([httpConfig(url)]).all[0] as Backend)
  }

  it.each([
    [401, /answered 401: .*configure outgoing authentication/],
    [403, /answered 403: .*configure outgoing authentication/],
    [404, /answered 404: .*no MCP endpoint at this path/],
    [405, /answered 405/],
    [500, /answered 500: the server, or a proxy in front of it, failed/],
  ])('because of %i says what to do', async (status, wanted) => {
    expect(await statusOf(status, { 'www-authenticate': 'Bearer realm="inner"' })).toMatch(wanted)
  })

  it('because it redirects is not followed there', async () => {
    let reached = 0
    const elsewhere = await stage.serve((_, res) => {
      reached++
      res.end()
    })
    expect(await statusOf(307, { location: elsewhere })).toMatch(/answered 307: redirects are not followed/)
    expect(reached).toBe(0)
  })

  it('because it is no MCP server says so', async () => {
    const url = await stage.serve(
      (_, res) => void res.writeHead(200, { 'content-type': 'text/html' }).end('<h1>hi'),
    )
    expect(await failed(stage.backends([httpConfig(url)]).all[0] as Backend)).toContain(
      'not a JSON-RPC response',
    )
  })

  it('because nobody listens or there is no such host says which', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    await new Promise((resolve) => server.close(resolve))
    const configs = [
      httpConfig(`http://127.0.0.1:${port}/mcp?token=secret`, { name: 'refusing' }),
      httpConfig('http://no-such-host.invalid/mcp', { name: 'unknown' }),
    ]
    const [refusing, unknown] = stage.backends(configs).all as [Backend, Backend]
    expect(await failed(refusing)).toMatch(
      /'refusing': cannot be reached: connection refused; start the server/,
    )
    expect(await failed(refusing)).not.toContain('127.0.0.1')
    expect(JSON.stringify(stage.log.lines)).toContain(`http://127.0.0.1:${port}/mcp`)
    expect(JSON.stringify(stage.log.lines)).not.toContain('secret')
    expect(await failed(unknown)).toMatch(/'unknown': cannot be reached: its host name cannot be resolved/)
  })

  it('because it speaks another version says which', async () => {
    const listener = handMade((message, _, res) =>
      message.method === 'initialize'
        ? { result: { protocolVersion: '1999-01-01' } }
        : legacyBasics(message, res),
    )
    const url = await stage.serve(listener)
    expect(await failed(stage.backends([httpConfig(url)]).all[0] as Backend)).toContain('"1999-01-01"')
  })

  it('joins when it comes up, and the others did not wait for it', async () => {
    const holder = await stage.serve(() => {})
    const good = await stage.serve(handMade((message, _, res) => legacyBasics(message, res)))
    const hanging = Array.from({ length: 10 }, (_, i) => httpConfig(holder, { name: `hangs${i}` }))
    const free = await freePort()
    const late = httpConfig(`http://127.0.0.1:${free}`, { name: 'late' })
    const { all } = stage.backends([late, httpConfig(good, { name: 'good' }), ...hanging])
    await ready(all[1] as Backend)
    await failed(all[0] as Backend)
    await stage.serve(
      handMade((message, _, res) => legacyBasics(message, res)),
      free,
    )
    await ready(all[0] as Backend)
    expect(all[2]?.state.status).toBe('connecting')
  })
})

describe('a call', () => {
  it('answered with something else is a bad gateway, and the next one is fine', async () => {
    const rubbish = [
      '',
      'nonsense',
      '{"half":',
      '[]',
      '{"jsonrpc":"2.0"}',
      '{"jsonrpc":"2.0","id":99,"result":{}}',
    ]
    const queue = [...rubbish]
    const backend = await faulty((_, res) => {
      const next = queue.shift()
      return next === undefined ? { result } : sendJson(res, next)
    })
    for (const text of rubbish)
      await expect(call(backend), text).rejects.toMatchObject({ code: 'bad_gateway' })
    expect(textOf((await call(backend)).body)).toBe('fine')
  })

  it('answered with too much is refused, whatever way the bytes come', async () => {
    const ways = [
      (id: unknown, res: ServerResponse) =>
        sendJson(res, { jsonrpc: '2.0', id, result: { x: 'x'.repeat(5_000) } }),
      (id: unknown, res: ServerResponse) =>
        events(res).end(`data: {"jsonrpc":"2.0","id":${id},"x":"${'x'.repeat(5_000)}"}\n\n`),
    ]
    const backend = await faulty(
      (message, res) => {
        ways.shift()?.(message.id, res)
      },
      { messageBytes: 2_000 },
    )
    const refusal = { code: 'bad_gateway', message: expect.stringContaining('more than 2000 bytes') }
    await expect(call(backend)).rejects.toMatchObject(refusal)
    await expect(call(backend)).rejects.toMatchObject(refusal)
  })

  it('whose connection breaks says that it may have run, and does not run twice', async () => {
    let runs = 0
    const backend = await faulty((_, res) => {
      runs++
      res.destroy()
    })
    await expect(call(backend)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('may or may not have run'),
    })
    expect(runs).toBe(1)
  })

  it('whose event stream ends without the answer says the same', async () => {
    const backend = await faulty((_, res) => void events(res).end('data: \n\n'))
    await expect(call(backend)).rejects.toMatchObject({
      message: expect.stringContaining('may or may not have run'),
    })
  })

  it('whose event stream breaks is resumed where the server numbers its events', async () => {
    let resumedWith: unknown
    const waiting: { id?: unknown } = {}
    const listener = handMade((message, req, res) => {
      if (message.method === 'HTTP GET' && req.headers['last-event-id'] !== undefined) {
        resumedWith = req.headers['last-event-id']
        events(res).end(`id: 8\ndata: ${JSON.stringify({ jsonrpc: '2.0', id: waiting.id, result })}\n\n`)
      } else if (message.method === 'tools/call') {
        waiting.id = message.id
        events(res).end('id: 7\nretry: 20\ndata:\n\n')
      } else return legacyBasics(message, res)
      return undefined
    })
    const backend = await stage.backend(httpConfig(await stage.serve(listener)))
    expect(textOf((await call(backend)).body)).toBe('fine')
    expect(resumedWith).toBe('7')
  })

  it('has its answer at once where the server leaves the stream open behind it', async () => {
    let closed = false
    const backend = await faulty((message, res) => {
      res.on('close', () => {
        closed = true
      })
      events(res).write(`data: ${JSON.stringify({ jsonrpc: '2.0', id: message.id, result })}\n\n`)
    })
    expect(textOf((await call(backend)).body)).toBe('fine')
    await until(() => closed)
  })

  it('refused with 401 is the operator’s concern, and no challenge is relayed', async () => {
    const backend = await faulty(
      (_, res) => void res.writeHead(401, { 'www-authenticate': 'Bearer x="y"' }).end(),
    )
    await expect(call(backend)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/'b'.*configure outgoing authentication/),
    })
  })

  it('that the server answers with an error is answered with that error', async () => {
    const backend = await faulty(() => ({ error: { code: -32602, message: 'no', data: { why: 1 } } }))
    await expect(call(backend)).rejects.toMatchObject({
      code: 'backend',
      rpc: { code: -32602, message: 'no', data: { why: 1 } },
    })
  })

  it('made while the server restarts waits for it', async () => {
    const port = await freePort()
    const first = new Stage()
    await first.serve(
      handMade((message, _, res) => legacyBasics(message, res)),
      port,
    )
    const backend = await stage.backend(httpConfig(`http://127.0.0.1:${port}`))
    await first.close()
    const waiting = call(backend)
    setTimeout(
      () =>
        void stage.serve(
          handMade((message, _, res) => legacyBasics(message, res)),
          port,
        ),
      200,
    )
    expect(textOf((await waiting).body)).toContain('echo')
  })

  it('is refused when too many are in progress', async () => {
    const backend = await faulty(() => undefined, { pending: 3 })
    const stop = new AbortController()
    const calls = Array.from({ length: 5 }, () => call(backend, exchange({ signal: stop.signal })))
    const codes = calls.map((it) => it.catch((error) => error.code))
    await until(() => stage.log.lines.length > 0)
    setTimeout(() => stop.abort(), 100)
    const found = await Promise.all(codes)
    const made = found.filter((code) => code === 'cancelled').length
    // The connection's own stream may be one of the three.
    expect([2, 3]).toContain(made)
    expect(found.filter((code) => code === 'unavailable')).toHaveLength(5 - made)
  })
})
