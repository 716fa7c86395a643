import { describe, expect, it } from 'vitest'
import { closedAfterEach } from '../../test/fixtures/closed.ts'
import type { Caller } from '../core/caller.ts'
import { GatewayError } from '../core/errors.ts'
import { DEFAULT_TOKEN_CACHE } from '../core/outgoing-auth-config.ts'
import type { BackendRequest } from '../core/ports.ts'
import { Keyring } from './auth/index.ts'
import { Dialer } from './dialer.ts'
import { type LeaseLimits, Leases } from './leases.ts'
import { LIMITS } from './mcp/limits.ts'
import { Children } from './mcp/stdio/children.ts'
import {
  exchange,
  handMade,
  httpConfig,
  type JsonRpc,
  legacyBasics,
  modernCaller,
  Stage,
  stdioConfig,
  textOf,
  toolCall,
  until,
} from './testing.ts'

const stage = closedAfterEach(new Stage())
const asking = (over: Partial<Caller> = {}) => modernCaller({ capabilities: { elicitation: {} }, ...over })

/** A legacy server that counts its sessions. A call says its session; with `hold` only when it is told to go on. */
class Counting {
  readonly opened: JsonRpc[] = []
  readonly closed: string[] = []
  readonly cancelled: string[] = []
  forgets = false
  #held: (() => void)[] = []
  /** How long `initialize` takes. */
  greetAfterMs = 0

  readonly listener = handMade((message, req, res) => {
    const session = String(req.headers['mcp-session-id'])
    if (message.method === 'HTTP DELETE') this.closed.push(session)
    if (message.method === 'notifications/cancelled') this.cancelled.push(session)
    if (message.method === 'initialize') {
      const n = this.opened.push(message)
      res.setHeader('mcp-session-id', `s${n}`)
      setTimeout(
        () => res.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, ...greeting })),
        this.greetAfterMs,
      )
      res.setHeader('content-type', 'application/json')
      return undefined
    }
    if (message.method !== 'tools/call') return legacyBasics(message, res)
    const text = { result: { content: [{ type: 'text', text: session }] } }
    const { hold, fail } = (message.params?.['arguments'] ?? {}) as { hold?: boolean; fail?: boolean }
    if (fail) return { error: { code: -32000, message: 'no' } }
    if (!hold) return text
    res.setHeader('content-type', 'application/json')
    this.#held.push(() => res.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, ...text })))
    return undefined
  })

  get held(): number {
    return this.#held.length
  }

  goOn(): void {
    for (const go of this.#held.splice(0)) go()
  }
}

const greeting = {
  result: {
    protocolVersion: '2025-11-25',
    capabilities: { tools: {} },
    serverInfo: { name: 'c', version: '1' },
  },
}

async function open(limits: Partial<LeaseLimits> = {}) {
  const server = new Counting()
  const config = httpConfig(await stage.serve(server.listener), { era: 'legacy' })
  return { server, ...over(config, limits) }
}

function over(
  config: ReturnType<typeof httpConfig> | ReturnType<typeof stdioConfig>,
  limits: Partial<LeaseLimits>,
) {
  const children = new Children()
  const keyring = new Keyring(DEFAULT_TOKEN_CACHE, stage.log)
  const dialer = new Dialer({ config, version: '0', limits: LIMITS, children, keyring, log: stage.log })
  const { name, transport } = config
  const leases = new Leases(
    { name, transport, dialer, limits: { connectMs: 5_000 }, terms: { timeoutMs: 5_000 } },
    limits,
  )
  stage.later(async () => {
    await leases.close()
    await dialer.close()
    await children.close()
  })
  const call = async (args: object = {}, caller = asking(), signal = new AbortController().signal) =>
    textOf((await lease(leases, { caller, ...toolCall('echo', args) }, signal)).body)
  return { leases, call }
}

function lease(leases: Leases, request: BackendRequest, signal = new AbortController().signal) {
  return leases.run({ request, exchange: exchange({ signal }), began: performance.now() })
}

describe('connections of modern clients to a legacy server', () => {
  it('serve one call at a time each, and the next call after that', async () => {
    const { server, call } = await open()
    const both = [call({ hold: true }), call({ hold: true })]
    await until(() => server.held === 2)
    server.goOn()
    expect((await Promise.all(both)).sort()).toEqual(['s1', 's2'])
    const later = [await call(), await call(), await call()]
    expect(new Set(later).size).toBe(1)
    expect(server.opened.length).toBe(2)
  })

  it('serve again after the server refused a call', async () => {
    const { call } = await open()
    await expect(call({ fail: true })).rejects.toMatchObject({ code: 'backend' })
    expect(await call()).toBe('s1')
  })

  it.each<[string, Partial<Caller>]>([
    ['another user', { principal: { issuer: 'i', subject: 'eve', name: 'E', claims: {} } }],
    ['another issuer', { principal: { ...modernCaller().principal, issuer: 'i' } }],
    ['other capabilities', { capabilities: { elicitation: { url: {} } } }],
    ['other headers', { headers: { 'x-key': 'k' } }],
    ['another client', { client: { name: 'other', version: '1' } }],
  ])('are not shared with %s', async (_, over) => {
    const { server, call } = await open()
    expect([await call(), await call({}, asking(over)), await call()]).toEqual(['s1', 's2', 's1'])
    const told = server.opened.map(({ params }) => [params?.['capabilities'], params?.['clientInfo']])
    const { capabilities, client } = asking(over)
    expect(told).toEqual([
      [asking().capabilities, asking().client],
      [capabilities, client],
    ])
  })

  it('are not used again after a call that was given up, which may go on and ask', async () => {
    const { server, call } = await open()
    const giveUp = new AbortController()
    const calling = call({ hold: true }, asking(), giveUp.signal)
    calling.catch(() => {})
    await until(() => server.held === 1)
    giveUp.abort()
    await expect(calling).rejects.toMatchObject({ code: 'cancelled' })
    expect(await call()).toBe('s2')
    await until(() => server.closed.includes('s1'))
    expect(server.cancelled).toEqual(['s1'])
  })

  it('are closed when nobody has called for a while', async () => {
    const { server, call } = await open({ idleMs: 20 })
    await call()
    await until(() => server.closed.length === 1)
    expect(await call()).toBe('s2')
  })

  it('are not closed in the course of a call, however long', async () => {
    const { server, call } = await open({ idleMs: 10 })
    const calling = call({ hold: true })
    await until(() => server.held === 1)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(server.closed).toEqual([])
    server.goOn()
    expect(await calling).toBe('s1')
  })
})

describe('room for connections', () => {
  it('is for so many calls at the same time, those included that are being opened', async () => {
    const { server, call } = await open({ room: 2 })
    server.greetAfterMs = 20
    const three = [1, 2, 3].map(() => call({ hold: true }))
    await expect(three[2]).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('2 clients'),
    })
    await until(() => server.held === 2)
    server.goOn()
    await Promise.all(three.slice(0, 2))
    expect(server.opened.length).toBe(2)
  })

  it('is made by closing the one that idles longest', async () => {
    const { server, call } = await open({ room: 2 })
    const users = ['a', 'b', 'c'].map((subject) =>
      asking({ principal: { issuer: 'i', subject, name: subject, claims: {} } }),
    )
    const sessions: string[] = []
    for (const user of users) sessions.push(await call({}, user))
    expect(sessions).toEqual(['s1', 's2', 's3'])
    await until(() => server.closed.length === 1)
    expect(server.closed).toEqual(['s1'])
    expect(await call({}, users[1])).toBe('s2')
  })

  it('is free again after a connection could not be made', async () => {
    const nowhere = over(httpConfig('http://127.0.0.1:9/', { era: 'legacy' }), { room: 1 })
    for (let times = 0; times < 3; times++)
      await expect(nowhere.call()).rejects.not.toMatchObject({
        message: expect.stringContaining('1 clients'),
      })
  })
})

describe('a call that is cancelled while its connection is being made', () => {
  it('leaves the connection to the next call', async () => {
    const { server, call } = await open({ room: 1 })
    server.greetAfterMs = 50
    const giveUp = new AbortController()
    const calling = call({}, asking(), giveUp.signal)
    calling.catch(() => {})
    await until(() => server.opened.length === 1)
    giveUp.abort()
    await expect(calling).rejects.toMatchObject({ code: 'cancelled' })
    await expect(call()).rejects.toMatchObject({ code: 'unavailable' })
    await expect.poll(() => call().catch(() => '')).toBe('s1')
  })

  it('leaves nothing open when the backend is closed meanwhile', async () => {
    const { server, leases, call } = await open()
    server.greetAfterMs = 50
    const calling = call()
    calling.catch(() => {})
    await until(() => server.opened.length === 1)
    await leases.close()
    await expect(calling).rejects.toBeInstanceOf(GatewayError)
  })
})

describe('a child', () => {
  it('that ended is replaced', async () => {
    const { call, leases } = over(stdioConfig('legacy'), {})
    const run = async (name: string) =>
      textOf((await lease(leases, { caller: asking(), ...toolCall(name) })).body)
    const pid = await run('pid')
    expect(await run('pid')).toBe(pid)
    await expect(run('exit')).rejects.toMatchObject({ code: 'unavailable' })
    const next = await run('pid')
    expect(next).not.toBe(pid)
    process.kill(Number(next))
    await expect.poll(() => run('pid').catch(() => next), { timeout: 5_000 }).not.toBe(next)
    expect(await call({ text: 'hi' })).toBe('"hi"')
  })

  it('that is given up in the course of a call hears of it first', async () => {
    const { leases } = over(stdioConfig('legacy'), {})
    const giveUp = new AbortController()
    const calling = lease(leases, { caller: asking(), ...toolCall('wait') }, giveUp.signal)
    calling.catch(() => {})
    const said = (words: string) => until(() => JSON.stringify(stage.log.lines).includes(words))
    await said('is waiting')
    giveUp.abort()
    await expect(calling).rejects.toMatchObject({ code: 'cancelled' })
    await said('was cancelled')
  })
})
