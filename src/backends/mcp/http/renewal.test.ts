import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, describe, expect, it } from 'vitest'
import { closedAfterEach } from '../../../../test/fixtures/closed.ts'
import type { Caller, Era } from '../../../core/caller.ts'
import type { Backend } from '../../../core/ports.ts'
import { callerWith, Desk, say } from '../../auth/testing.ts'
import {
  exchange,
  handMade,
  httpConfig,
  type JsonRpc,
  legacyBasics,
  ready,
  Stage,
  sendJson,
  textOf,
  toolCall,
  until,
} from '../../testing.ts'

const stage = closedAfterEach(new Stage())
let desk: Desk
let guard: Guard

beforeEach(async () => {
  desk = await Desk.start()
  stage.later(() => desk.close())
  guard = new Guard()
})
interface Seen {
  readonly method: string
  readonly token: string
  readonly text: string
}

/** A backend that lets in who has a good token, and lists for everybody. */
class Guard {
  readonly seen: Seen[] = []
  /** Those that are refused, or all. */
  bad: ReadonlySet<string> | 'all' = new Set()
  status = 401
  challenge = 'Bearer error="invalid_token"'

  /** Calls that came, with the tokens that they came with. */
  get calls(): string[] {
    return this.seen.filter(({ method }) => method === 'tools/call').map(({ token }) => token)
  }

  listener(era: Era) {
    return handMade((message, req, res) => {
      const token = (req.headers.authorization ?? 'none').replace('Bearer ', '')
      this.seen.push({ method: message.method, token, text: JSON.stringify(message) })
      const isCall = message.method === 'tools/call'
      if (isCall && (this.bad === 'all' || this.bad.has(token))) return this.refuse(res)
      return era === 'legacy' ? legacyBasics(message, res) : modern(message, req)
    })
  }

  refuse(res: ServerResponse): undefined {
    res.setHeader('www-authenticate', this.challenge)
    sendJson(res, { error: 'no' }, this.status)
    return undefined
  }
}

function modern({ method, params }: JsonRpc, _: IncomingMessage): object {
  if (method === 'server/discover')
    return {
      result: {
        resultType: 'complete',
        supportedVersions: ['2026-07-28'],
        capabilities: { tools: {} },
        serverInfo: { name: 'hand', version: '1' },
      },
    }
  if (method === 'tools/list')
    return {
      result: { resultType: 'complete', tools: [{ name: 'echo', inputSchema: { type: 'object' } }] },
    }
  return { result: { resultType: 'complete', content: [{ type: 'text', text: JSON.stringify(params) }] } }
}

async function open(era: Era, client = false): Promise<Backend> {
  const auth = {
    type: 'token_exchange',
    endpoint: desk.endpoint(
      client ? { client: { id: 'c', secret: 's', method: 'client_secret_basic' } } : {},
    ),
    scopes: [],
    subjectTokenType: 'urn:ietf:params:oauth:token-type:access_token',
  } as const
  return stage.backend(httpConfig(await stage.serve(guard.listener(era)), { auth, era }))
}

const alice = callerWith('token-of-alice')
const call = (backend: Backend, caller: Caller = alice, signal?: AbortSignal) =>
  backend.run({ caller, ...toolCall('echo', { a: 1 }) }, exchange(signal === undefined ? {} : { signal }))

describe.each(['legacy', 'modern'] as const)('a %s backend', (era) => {
  it('that refuses a token gets the same call once more, with another', async () => {
    const backend = await open(era)
    guard.bad = new Set(['got-1'])
    expect(textOf((await call(backend)).body)).toContain('"a":1')
    expect(guard.calls).toEqual(['got-1', 'got-2'])
    const bodies = guard.seen.filter(({ method }) => method === 'tools/call').map(({ text }) => text)
    expect(bodies[0]).toBe(bodies[1])
    await call(backend)
    expect(guard.calls).toEqual(['got-1', 'got-2', 'got-2'])
  })

  it('that refuses the other too is asked no third time, and the error says what is to be done', async () => {
    const backend = await open(era)
    guard.bad = 'all'
    await expect(call(backend)).rejects.toThrow(
      /^backend 'b': answered 401: it does not accept the token that was got for it by token_exchange; check audience/,
    )
    expect(guard.calls).toEqual(['got-1', 'got-2'])
    // Nor are there ever more tokens for a backend that takes none.
    await expect(call(backend)).rejects.toThrow(/answered 401/)
    expect(guard.calls).toEqual(['got-1', 'got-2', 'got-2'])
  })

  it('that forbids is not asked again', async () => {
    const backend = await open(era)
    guard.bad = 'all'
    guard.status = 403
    guard.challenge = 'Bearer error="insufficient_scope", scope="echo:write"'
    await expect(call(backend)).rejects.toThrow(
      /^backend 'b': answered 403: .*check audience.* \(it says insufficient_scope and wants the scopes echo:write\)/,
    )
    expect(guard.calls).toEqual(['got-1'])
  })

  it.each([400, 404, 429, 500, 503])('that answers %i is not asked again', async (status) => {
    const backend = await open(era)
    guard.bad = 'all'
    guard.status = status
    await expect(call(backend)).rejects.toThrow(`answered ${status}`)
    expect(guard.calls).toEqual(['got-1'])
  })

  it('that refuses while no other token is to be had gets nothing more', async () => {
    const backend = await open(era)
    guard.bad = new Set(['got-1'])
    await call(backend, callerWith('token-of-bob', 'bob')).catch(() => {})
    guard.seen.length = 0
    guard.bad = new Set(['got-3'])
    desk.answer = (asked, res) =>
      desk.asked.length === 3
        ? say(res, { access_token: 'got-3', token_type: 'Bearer' })
        : say(res, { error: 'invalid_grant' }, asked === undefined ? 500 : 400)
    await expect(call(backend)).rejects.toThrow(
      /^backend 'b': there are no credentials for it: the token exchange refused: invalid_grant/,
    )
    expect(guard.calls).toEqual(['got-3'])
  })

  it('gets nothing for a call that was given up while its new token was on the way', async () => {
    const backend = await open(era)
    guard.bad = new Set(['got-1'])
    let give = () => {}
    desk.answer = ({ form }, res) => {
      const token = `got-${desk.asked.length}`
      give = () => say(res, { access_token: token, token_type: 'Bearer', expires_in: 600 })
      if (form['subject_token'] !== 'token-of-alice' || token === 'got-1') give()
    }
    const giveUp = new AbortController()
    const [dropped, waiting] = [call(backend, alice, giveUp.signal), call(backend)]
    await until(() => desk.asked.length === 2)
    giveUp.abort()
    await expect(dropped).rejects.toMatchObject({ code: 'cancelled' })
    give()
    // The other caller of the same token has it for all that.
    expect(textOf((await waiting).body)).toContain('"a":1')
    await sleep(50)
    expect(guard.calls).toEqual(['got-1', 'got-1', 'got-2'])
    expect(desk.asked).toHaveLength(2)
  })

  it('that is closed during a renewal ends the call', async () => {
    const backend = await open(era)
    guard.bad = new Set(['got-1'])
    desk.answer = (_, res) => {
      if (desk.asked.length === 1) say(res, { access_token: 'got-1', token_type: 'Bearer' })
    }
    const running = call(backend)
    const ended = expect(running).rejects.toMatchObject({ code: 'unavailable' })
    await until(() => desk.asked.length === 2)
    await stage.close()
    await ended
    expect(guard.calls).toEqual(['got-1'])
  })

  it('is reached with our own token, never with that of a caller', async () => {
    const backend = await open(era, true)
    await call(backend)
    const own = guard.seen.filter(({ method }) => method !== 'tools/call' && method !== 'initialize')
    expect(own.length).toBeGreaterThan(0)
    expect(new Set(guard.calls)).toEqual(new Set(['got-2']))
    const listed = guard.seen.filter(({ method }) => method === 'tools/list').map(({ token }) => token)
    expect(listed).toEqual(['got-1'])
  })
})

it('a backend that refuses the end of a session is not waited for', async () => {
  const auth = {
    type: 'client_credentials',
    endpoint: desk.endpoint({ client: { id: 'c', secret: 's', method: 'client_secret_basic' } }),
    scopes: [],
  } as const
  let deleted = 0
  const url = await stage.serve(
    handMade((message, _, res) => {
      res.setHeader('mcp-session-id', 's')
      if (message.method !== 'HTTP DELETE') return legacyBasics(message, res)
      deleted++
      return guard.refuse(res)
    }),
  )
  const backends = stage.backends([httpConfig(url, { auth, era: 'legacy' })])
  await ready(backends.all[0] as Backend)
  // The other token never comes.
  desk.answer = () => {}
  const before = performance.now()
  await backends.close()
  expect(performance.now() - before).toBeLessThan(5_000)
  expect([deleted, desk.asked.length]).toEqual([1, 2])
})

it('the tokens of many who call at once are renewed once each', async () => {
  const backend = await open('modern')
  const callers = ['a', 'b', 'c'].map((name) => callerWith(`token-of-${name}`, name))
  await Promise.all(callers.map((caller) => call(backend, caller)))
  guard.bad = new Set(['got-1', 'got-2', 'got-3'])
  const many = callers.flatMap((caller) => Array.from({ length: 10 }, () => call(backend, caller)))
  await Promise.all(many)
  expect(desk.asked).toHaveLength(6)
})
