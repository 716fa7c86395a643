import { describe, expect, it } from 'vitest'
import { closedAfterEach } from '../../../test/fixtures/closed.ts'
import type { Caller } from '../../core/caller.ts'
import { DEFAULT_TOKEN_CACHE } from '../../core/outgoing-auth-config.ts'
import { Keyring } from '../auth/index.ts'
import { Dialer } from '../dialer.ts'
import { LIMITS } from '../mcp/limits.ts'
import { Children } from '../mcp/stdio/children.ts'
import { httpConfig, Stage, until } from '../testing.ts'
import { Personal, type PersonalLimits } from './personal.ts'
import { UsersServer, user } from './testing.ts'

const stage = closedAfterEach(new Stage())
async function open(bounds: Partial<PersonalLimits> = {}) {
  const server = new UsersServer()
  const url = await stage.serve(server.listener)
  const config = httpConfig(url, { era: 'legacy', auth: { type: 'pass_through' } })
  const keyring = new Keyring(DEFAULT_TOKEN_CACHE, stage.log)
  const children = new Children()
  const dialer = new Dialer({ config, version: '0', limits: LIMITS, children, keyring, log: stage.log })
  const list: ConstructorParameters<typeof Personal>[0]['list'] = (connection, signal) =>
    connection.list(signal)
  const personal = new Personal(
    { name: 'b', dialer, limits: LIMITS, log: stage.log, list, down: () => undefined },
    bounds,
  )
  stage.later(async () => {
    await personal.close()
    await dialer.close()
  })
  return { server, personal }
}

function namesOf(personal: Personal, caller: Caller): string[] | string | undefined {
  const view = personal.of(caller)
  if (view?.status === 'failed') return view.error.message
  return view?.status === 'ready' ? view.offer.tools.map(({ name }) => String(name)) : undefined
}

async function look(personal: Personal, caller: Caller) {
  await personal.look(caller)
  return namesOf(personal, caller)
}

describe('what callers are shown', () => {
  it('is what the backend lists for each of them', async () => {
    const { server, personal } = await open()
    server.tools.set('ann', ['a']).set('bob', ['b'])
    const [ann, bob] = [user('ann'), user('bob')]
    expect(personal.of(ann)).toBeUndefined()
    expect(await Promise.all([look(personal, ann), look(personal, bob)])).toEqual([['a'], ['b']])
    expect(server.mixed).toEqual([])
  })

  it('is asked for once, however many of their requests want it', async () => {
    const { server, personal } = await open()
    const ann = user('ann')
    await Promise.all([look(personal, ann), look(personal, ann), look(personal, user('ann', {}, 'ann-2'))])
    expect(personal.look(ann)).toBeUndefined()
    expect([server.listed, server.sessions.size]).toEqual([['ann'], 1])
  })

  it('is one object for all who are shown the same', async () => {
    const { server, personal } = await open()
    server.tools.set('eve', ['x'])
    const callers = ['ann', 'bob', 'cid', 'eve'].map((name) => user(name))
    await Promise.all(callers.map((caller) => personal.look(caller)))
    const [ann, bob, cid, eve] = callers.map((caller) => personal.of(caller))
    expect(ann).toBe(bob)
    expect(ann).toBe(cid)
    expect(eve).not.toBe(ann)
  })

  it('says why it is nothing where the backend refuses them, and is asked for anew with another token', async () => {
    const { server, personal } = await open()
    server.refused.add('ann')
    expect(await look(personal, user('ann'))).toContain("backend 'b': answered 401")
    expect(personal.look(user('ann', {}, 'ann-2'))).toBeDefined()
    expect(await look(personal, user('ann', {}, 'ann-2'))).toEqual(['common'])
  })

  it('is nothing any more for those whom the backend has come to refuse', async () => {
    const { server, personal } = await open()
    const ann = user('ann')
    expect(await look(personal, ann)).toEqual(['common'])
    server.refused.add('ann')
    personal.doubt(ann)
    expect(await look(personal, ann)).toContain('answered 401')
  })

  it('stays what it was while the backend cannot be reached', async () => {
    const { server, personal } = await open()
    const ann = user('ann')
    await look(personal, ann)
    server.isDown = true
    personal.doubt(ann)
    await personal.look(ann)
    expect(personal.of(ann)).toMatchObject({
      status: 'failed',
      last: { offer: { tools: [{ name: 'common' }] } },
    })
    server.isDown = false
    personal.doubt(ann)
    expect(await look(personal, ann)).toEqual(['common'])
  })

  it('has no token for callers who came without one', async () => {
    const { personal } = await open()
    const nobody = { ...user('ann'), principal: { issuer: 'i', subject: 's', name: 'n', claims: {} } }
    expect(await look(personal, nobody)).toContain('there are no credentials for it')
  })
})

describe('those who listen', () => {
  it('hear of their own changes, and the others have no stream', async () => {
    const { server, personal } = await open()
    const [ann, bob] = [user('ann'), user('bob')]
    await Promise.all([look(personal, ann), look(personal, bob)])
    const changed: string[] = []
    personal.hear((identity) => changed.push(identity))
    const end = new AbortController()
    personal.follow(ann, end.signal)
    await until(() => [...server.streams.values()].join() === 'ann')
    await until(() => server.listed.length === 3)
    server.tools.set('ann', ['new'])
    server.announce('ann')
    await until(() => String(namesOf(personal, ann)) === 'new')
    expect(changed.length).toBe(1)
    expect(changed[0]).toContain('ann')
    expect(server.listed.filter((name) => name === 'bob')).toEqual(['bob'])
    end.abort()
    // From here on it is asked for when it is wanted.
    server.tools.set('ann', ['newer'])
    expect(await look(personal, ann)).toEqual(['newer'])
  })
})

describe('callers whom nobody sees any more', () => {
  it('go when others come and there is no more room, and their sessions end, with their own tokens', async () => {
    const { server, personal } = await open({ most: 3 })
    for (const name of ['a', 'b', 'c']) await look(personal, user(name))
    const gone: string[] = []
    personal.hear((identity) => gone.push(identity))
    await look(personal, user('a', {}, 'a-2'))
    await look(personal, user('d'))
    await until(() => server.ended.length === 1)
    expect([server.ended, personal.size]).toEqual([['b'], 3])
    expect(gone[0]).toContain('"b"')
    expect(personal.of(user('b'))).toBeUndefined()
    expect(await look(personal, user('b'))).toEqual(['common'])
    await until(() => server.ended.length === 2)
    expect(server.ended).toEqual(['b', 'c'])
  })

  it('are bounded in number, however many come', async () => {
    const { server, personal } = await open({ most: 20 })
    for (let at = 0; at < 200; at += 20)
      await Promise.all(Array.from({ length: 20 }, (_, i) => personal.look(user(`u${at + i}`))))
    expect([personal.size, personal.connections]).toEqual([20, 20])
    await until(() => server.sessions.size === 20)
  })

  it('are as many as there is room for what they are shown, and who is shown the same as others costs nothing', async () => {
    const { server, personal } = await open({ size: 5_000 })
    const own = (name: string) => Array.from({ length: 10 }, (_, i) => `${name}_${'x'.repeat(20)}_${i}`)
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) server.tools.set(name, own(name))
    for (let n = 0; n < 10; n++) await look(personal, user(`same${n}`))
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) await look(personal, user(name))
    const kept = ['a', 'b', 'c', 'd', 'e', 'f'].filter((name) => personal.of(user(name)) !== undefined)
    expect(kept.at(-1)).toBe('f')
    expect(kept.length).toBeLessThan(6)
    expect(kept.length).toBeGreaterThan(2)
    expect(personal.size).toBe(10 + kept.length)
  })

  it('stay as long as they listen, as far as there is room for others', async () => {
    const { personal } = await open({ most: 2 })
    const end = new AbortController()
    await look(personal, user('a'))
    personal.follow(user('a'), end.signal)
    await look(personal, user('b'))
    await look(personal, user('c'))
    expect(personal.of(user('a'))).toBeDefined()
    expect(personal.of(user('b'))).toBeUndefined()
    end.abort()
  })

  it('go after a while of silence', async () => {
    const { server, personal } = await open({ idleMs: 200 })
    await look(personal, user('a'))
    await until(() => server.ended.length === 1)
    expect([personal.size, personal.of(user('a'))]).toEqual([0, undefined])
  })
})

it('nobody is connected any more once it is closed', async () => {
  const { personal } = await open()
  await personal.close()
  expect(personal.look(user('ann'))).toBeUndefined()
  await expect(personal.connect(user('ann'))).rejects.toThrow('is closed')
})
