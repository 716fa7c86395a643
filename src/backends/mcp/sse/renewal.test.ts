import type { RequestListener } from 'node:http'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js'
import { beforeEach, expect, it } from 'vitest'
import { closedAfterEach } from '../../../../test/fixtures/closed.ts'
import { callerWith, Desk } from '../../auth/testing.ts'
import { exchange, failed, httpConfig, legacyCaller, ready, Stage, textOf, toolCall } from '../../testing.ts'

const stage = closedAfterEach(new Stage())
let desk: Desk
/** What was refused, and what was let in, as verb and token. */
let seen: string[]
let bad: Set<string>

beforeEach(async () => {
  desk = await Desk.start()
  stage.later(() => desk.close())
  seen = []
  bad = new Set()
})
/** A server of the old HTTP+SSE that wants a good token with everything. */
function listener(): RequestListener {
  const transports = new Map<string, SSEServerTransport>()
  return async (req, res) => {
    const token = (req.headers.authorization ?? 'none').replace('Bearer ', '')
    seen.push(`${req.method} ${token}`)
    if (token === 'none' || bad.has(token)) {
      res.writeHead(401, { 'www-authenticate': 'Bearer' }).end()
      return
    }
    const url = new URL(req.url ?? '/', 'http://localhost')
    const known = transports.get(url.searchParams.get('sessionId') ?? '')
    if (req.method === 'POST') {
      if (known === undefined) res.writeHead(404).end()
      else await known.handlePostMessage(req, res)
      return
    }
    const transport = new SSEServerTransport('/messages', res)
    transports.set(transport.sessionId, transport)
    const server = new McpServer({ name: 'old', version: '1' })
    server.registerTool('hello', {}, () => ({ content: [{ type: 'text', text: 'hello' }] }))
    await server.connect(transport as Parameters<McpServer['connect']>[0])
  }
}

async function config(type: 'token_exchange' | 'client_credentials' = 'token_exchange') {
  const client = { id: 'c', secret: 's', method: 'client_secret_basic' } as const
  const target = { endpoint: desk.endpoint({ client }), scopes: [] }
  const subjectTokenType = 'urn:ietf:params:oauth:token-type:access_token'
  const auth = type === 'client_credentials' ? { type, ...target } : { type, ...target, subjectTokenType }
  return httpConfig(await stage.serve(listener()), { transport: 'sse', auth })
}

it('a stream that is refused is asked for once more with another token', async () => {
  bad = new Set(['got-1'])
  const backend = await stage.backend(await config())
  expect((await ready(backend)).server.info).toMatchObject({ name: 'old' })
  expect(seen.slice(0, 3)).toEqual(['GET got-1', 'GET got-2', 'POST got-2'])
})

it('a stream that is refused again is not asked for a third time, and the error says what to do', async () => {
  bad = new Set(['got-1', 'got-2'])
  const [backend] = stage.backends([await config('client_credentials')]).all
  if (backend === undefined) expect.unreachable()
  expect(await failed(backend)).toMatch(
    /^backend 'b': answered 401: it does not accept the token that was got with client_credentials/,
  )
  expect(seen.slice(0, 2)).toEqual(['GET got-1', 'GET got-2'])
})

it('a stream without credentials fails with what is wrong with them', async () => {
  desk.answer = (_, res) => void res.writeHead(500).end()
  const [backend] = stage.backends([await config()]).all
  if (backend === undefined) expect.unreachable()
  expect(await failed(backend)).toBe(
    "backend 'b': there are no credentials for it: the token exchange answered with HTTP 500",
  )
  expect(seen).toEqual([])
})

it('a call whose message is refused is sent once more with another token', async () => {
  const backend = await stage.backend(await config())
  const { principal } = callerWith('token-of-alice')
  const caller = legacyCaller({ principal, session: 'alice' })
  const call = () => backend.run({ caller, ...toolCall('hello') }, exchange())
  expect(textOf((await call()).body)).toBe('hello')
  seen.length = 0
  bad = new Set(['got-2'])
  expect(textOf((await call()).body)).toBe('hello')
  expect(seen).toEqual(['POST got-2', 'POST got-3'])
})
