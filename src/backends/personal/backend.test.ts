import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { closedAfterEach } from '../../../test/fixtures/closed.ts'
import type { Caller } from '../../core/caller.ts'
import { DEFAULT_RESILIENCE, type HttpBackendConfig } from '../../core/config.ts'
import { type Backend, isMissing } from '../../core/ports.ts'
import {
  exchange,
  failed,
  handMade,
  httpConfig,
  legacyCaller,
  Stage,
  sendJson,
  textOf,
  toolCall,
  until,
} from '../testing.ts'
import { UsersServer, user } from './testing.ts'

const stage = closedAfterEach(new Stage())
const HEALTH = { intervalMs: 100, timeoutMs: 1_000, threshold: 2 }
const BREAKER = { threshold: 2, openMs: 60_000 }

async function open(over: Partial<HttpBackendConfig> = {}) {
  const server = new UsersServer()
  const url = await stage.serve(server.listener)
  const config = httpConfig(url, { era: 'legacy', auth: { type: 'pass_through' }, ...over })
  const backend = stage.backends([config]).all[0] as Backend
  await until(() => backend.state.status === 'reserved')
  return { server, backend }
}

async function call(backend: Backend, caller: Caller): Promise<string> {
  return textOf((await backend.run({ caller, ...toolCall('common') }, exchange())).body)
}

/** A legacy client with a session. */
const client = (name: string, session: string, token?: string) =>
  user(name, { ...legacyCaller(), session, principal: user(name, {}, token).principal })

describe('a backend that wants credentials of callers for everything', () => {
  it('is there, healthy and not missing, as long as it says so; nobody calls it in vain', async () => {
    const resilience = { ...DEFAULT_RESILIENCE, health: HEALTH, breaker: BREAKER }
    const { server, backend } = await open({ resilience })
    await sleep(500)
    expect(backend.health).toMatchObject({ status: 'healthy', failures: 0, breaker: { status: 'closed' } })
    expect(isMissing(backend)).toBe(false)
    for (let n = 0; n < 4; n++) await expect(call(backend, user('ann', {}, 'x'))).resolves.toContain('x in')
    server.refused.add('bad')
    for (let n = 0; n < 4; n++) await expect(call(backend, user('ann', {}, 'bad'))).rejects.toThrow('401')
    expect(backend.health.breaker).toMatchObject({ status: 'closed', opened: 0 })
  })

  it('is down when it is down, and is not asked again by everybody', async () => {
    const { server, backend } = await open({ resilience: { ...DEFAULT_RESILIENCE, health: HEALTH } })
    const ann = user('ann')
    await backend.views?.look(ann)
    server.isDown = true
    await failed(backend)
    await backend.views?.look(user('bob'))
    expect(backend.views?.of(user('bob'))).toMatchObject({ status: 'failed', last: undefined })
    expect(backend.views?.of(ann)).toMatchObject({ status: 'ready' })
    await until(() => backend.health.status === 'unhealthy')
    expect(isMissing(backend)).toBe(true)
    server.isDown = false
    await until(() => backend.state.status === 'reserved')
    await until(() => backend.health.status === 'healthy')
    await backend.views?.look(user('bob'))
    expect(backend.views?.of(user('bob'))).toMatchObject({ status: 'ready' })
  })

  it.each([
    ['an error of its own', 200, { error: { code: -32001, message: 'Who are you?' } }],
    ['400', 400, {}],
    ['a redirect to a login', 302, {}],
  ])('is there too when it says so by %s', async (_, status, body) => {
    const users = new UsersServer()
    const url = await stage.serve((req, res) => {
      if (req.headers.authorization !== undefined) return users.listener(req, res)
      const answer = handMade(({ id }) => {
        res.setHeader('location', '/login')
        sendJson(res, { jsonrpc: '2.0', id, ...body }, status)
      })
      answer(req, res)
    })
    const config = httpConfig(url, { era: 'legacy', auth: { type: 'pass_through' } })
    const backend = stage.backends([config]).all[0] as Backend
    await until(() => backend.state.status === 'reserved')
    expect(await call(backend, user('ann'))).toContain('ann in')
  })

  it('has a session for each user without one of their own, and for each session that a client has', async () => {
    const { server, backend } = await open()
    const callers = [user('ann'), user('bob'), client('ann', '1'), client('ann', '2'), client('bob', '3')]
    const said = await Promise.all(callers.map((caller) => call(backend, caller)))
    const again = await Promise.all(callers.map((caller) => call(backend, caller)))
    expect(again).toEqual(said)
    expect(new Set(said).size).toBe(5)
    expect(said.map((text) => text.split(' ')[0])).toEqual(['ann', 'bob', 'ann', 'ann', 'bob'])
    expect(server.mixed).toEqual([])
  })

  it('has one for each user too where clients share what is open', async () => {
    const { server, backend } = await open({ connection: 'shared' })
    const callers = [client('ann', '1'), client('ann', '2'), client('bob', '3'), user('bob')]
    const said = await Promise.all(callers.map((caller) => call(backend, caller)))
    expect(new Set(said).size).toBe(2)
    expect(server.mixed).toEqual([])
  })

  it('has one for each user who can be asked something', async () => {
    const { server, backend } = await open()
    const capabilities = { elicitation: {} }
    const both = [user('ann', { capabilities }), user('bob', { capabilities })]
    for (let n = 0; n < 3; n++) {
      const said = await Promise.all(both.map((caller) => call(backend, caller)))
      expect(said.map((text) => text.split(' ')[0])).toEqual(['ann', 'bob'])
    }
    expect(server.mixed).toEqual([])
  })

  it("takes a user's newer token on the same session, to the very end of it", async () => {
    const { server, backend } = await open()
    const said = [await call(backend, client('ann', '1')), await call(backend, user('ann'))]
    const again = [
      await call(backend, client('ann', '1', 'ann-2')),
      await call(backend, user('ann', {}, 'ann-2')),
    ]
    expect(again).toEqual(said.map((text) => text.replace('ann', 'ann-2')))
    await stage.close()
    expect(server.ended).toEqual(['ann-2', 'ann-2'])
  })

  it('has nothing for a user in the session of another', async () => {
    const { server, backend } = await open()
    await call(backend, client('ann', '1'))
    await expect(call(backend, client('eve', '1'))).rejects.toThrow(
      "backend 'b': the session is somebody else's",
    )
    expect(server.mixed).toEqual([])
  })

  it('is asked anew for what it shows a user whose call it refuses', async () => {
    const { server, backend } = await open()
    const ann = user('ann')
    await backend.views?.look(ann)
    server.refused.add('ann')
    await expect(call(backend, ann)).rejects.toThrow('401')
    await backend.views?.look(ann)
    expect(backend.views?.of(ann)).toMatchObject({ status: 'failed', last: undefined })
  })
})

it('several servers that show the same show each user what is theirs, and go on when one is gone', async () => {
  const [one, other] = [new UsersServer(), new UsersServer()]
  const [url, second] = [await stage.serve(one.listener), await stage.serve(other.listener)]
  for (const { tools } of [one, other]) tools.set('ann', ['a']).set('bob', ['b'])
  const resilience = { ...DEFAULT_RESILIENCE, health: HEALTH }
  const config = httpConfig(url, {
    ...{ era: 'legacy', auth: { type: 'pass_through' }, replicas: [second], resilience },
  })
  const backend = stage.backends([config]).all[0] as Backend
  await until(() => backend.state.status === 'reserved')
  const shown = async (caller: Caller) => {
    await backend.views?.look(caller)
    const view = backend.views?.of(caller)
    return view?.status === 'ready' ? view.offer.tools.map(({ name }) => name) : view
  }
  expect(await Promise.all([shown(user('ann')), shown(user('bob'))])).toEqual([['a'], ['b']])
  const said = await Promise.all([user('ann'), user('bob')].map((caller) => call(backend, caller)))
  expect(said.map((text) => text.split(' ')[0])).toEqual(['ann', 'bob'])
  one.isDown = true
  await until(() => backend.health.status === 'degraded')
  expect(await Promise.all([shown(user('ann')), shown(user('bob'))])).toEqual([['a'], ['b']])
  expect(await call(backend, user('ann'))).toContain('ann in')
  expect([...one.mixed, ...other.mixed]).toEqual([])
})

it('who listens at one of several servers goes on listening at another when that one is gone', async () => {
  const [one, other] = [new UsersServer(), new UsersServer()]
  const [url, second] = [await stage.serve(one.listener), await stage.serve(other.listener)]
  const resilience = { ...DEFAULT_RESILIENCE, health: HEALTH }
  const config = httpConfig(url, {
    ...{ era: 'legacy', auth: { type: 'pass_through' }, replicas: [second], resilience },
  })
  const backend = stage.backends([config]).all[0] as Backend
  await until(() => backend.state.status === 'reserved' && backend.health.status === 'healthy')
  const ann = user('ann')
  const over = new AbortController()
  const shown = () => {
    const view = backend.views?.of(ann)
    return view?.status === 'ready' ? view.offer.tools.map(({ name }) => name).join() : undefined
  }
  backend.views?.follow(ann, over.signal)
  await until(() => one.streams.size === 1 && shown() === 'common')
  expect(other.streams.size).toBe(0)
  one.isDown = true
  await until(() => other.streams.size === 1)
  other.tools.set('ann', ['more'])
  other.announce('ann')
  await until(() => shown() === 'more')
  over.abort()
  other.tools.set('ann', ['less'])
  other.announce('ann')
  await sleep(500)
  expect(shown()).toBe('more')
})
