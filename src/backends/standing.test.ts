import { describe, expect, it } from 'vitest'
import { closedAfterEach } from '../../test/fixtures/closed.ts'
import type { Call } from '../core/call.ts'
import type { Item } from '../core/catalog.ts'
import type { Backend, BackendRequest } from '../core/ports.ts'
import { RawObject } from '../core/raw.ts'
import {
  exchange,
  legacyCaller,
  modernCaller,
  Stage,
  stdioConfig,
  textOf,
  toolCall,
  until,
} from './testing.ts'

const stage = closedAfterEach(new Stage())

function subscription(uri: string): Pick<BackendRequest, 'call' | 'item'> {
  const call: Call = { kind: 'subscription', uri, params: RawObject.of({ uri }) }
  const origin = { backend: 'b', name: uri }
  const item: Item = { kind: 'resource', uri, origin, definition: {}, hidden: false }
  return { call, item }
}

/** A backend and its callers; by default they all share one connection. */
async function start(over: object = {}, args: string[] = []) {
  const backend = await stage.backend(stdioConfig('updating', args, { connection: 'shared', ...over }))
  const subscribe = async (uri = 'a:1', caller = modernCaller()) => {
    const stop = new AbortController()
    const ex = exchange({ signal: stop.signal })
    await backend.run({ caller, ...subscription(uri) }, ex)
    const heard = () => ex.told.map(({ params }) => params.value('uri'))
    const end = () => {
      stop.abort()
      return new Promise<void>((resolve) => setImmediate(resolve))
    }
    return { heard, end }
  }
  return { backend, subscribe, call: (name: string, caller = modernCaller()) => call(backend, name, caller) }
}

/** @returns what the server has been told of subscriptions */
async function call(backend: Backend, name: string, caller = modernCaller()): Promise<string[]> {
  return JSON.parse(textOf((await backend.run({ caller, ...toolCall(name) }, exchange())).body))
}

describe('a subscription', () => {
  it('is one at the server for all who share the connection, and ends with the last of them', async () => {
    const { subscribe, call } = await start()
    const [one, other] = [await subscribe(), await subscribe()]
    expect(await call('update')).toEqual(['+a:1'])
    await until(() => other.heard().length === 1)
    await one.end()
    await call('update')
    await until(() => other.heard().length === 2)
    expect(one.heard()).toEqual(['a:1'])
    await other.end()
    expect(await call('log')).toEqual(['+a:1', '-a:1'])
  })

  it('stands again when the server has restarted, and who has it is told of one update', async () => {
    const { subscribe, call } = await start()
    const one = await subscribe()
    await call('exit').catch(() => {})
    await until(() => one.heard().length === 1)
    expect(await call('update')).toEqual(['+a:1'])
    await until(() => one.heard().length === 2)
    await one.end()
    expect(await call('log')).toEqual(['+a:1', '-a:1'])
  })

  it('that has ended is not made again', async () => {
    const { subscribe, call } = await start()
    const one = await subscribe()
    await one.end()
    await call('exit').catch(() => {})
    expect(await call('log')).toEqual([])
    expect(one.heard()).toEqual([])
  })

  it('of a session is on the session’s own connection', async () => {
    const { subscribe, call } = await start({ connection: 'session' })
    const [mine, theirs] = [legacyCaller({ session: 'mine' }), legacyCaller({ session: 'theirs' })]
    const one = await subscribe('a:1', mine)
    expect(await call('update', theirs)).toEqual([])
    expect(await call('update', mine)).toEqual(['+a:1'])
    await until(() => one.heard().length === 1)
  })

  it('that the server refuses fails in its words', async () => {
    const { subscribe, call } = await start()
    await expect(subscribe('no:such')).rejects.toMatchObject({
      code: 'backend',
      rpc: { message: expect.stringContaining('no such resource') },
    })
    expect(await call('log')).toEqual([])
  })

  it('at a server that tells of no updates is refused here', async () => {
    const { subscribe, call } = await start({}, ['silent'])
    await expect(subscribe()).rejects.toMatchObject({ code: 'invalid_params' })
    expect(await call('log')).toEqual([])
  })
})
