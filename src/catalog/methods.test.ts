import { beforeEach, describe, expect, it } from 'vitest'
import type { Caller } from '../core/caller.ts'
import { ANONYMOUS_CALLER } from '../core/caller.ts'
import { GatewayError } from '../core/errors.ts'
import { RawObject } from '../core/raw.ts'
import { Methods } from './methods.ts'
import { exchange, MemoryBackends } from './testing.ts'

const EXTENSIONS = { capabilities: { extensions: { 'io.example/skills': {} } } }
const UNKNOWN = GatewayError.backend({ code: -32601, message: 'Method not found' })

let backends: MemoryBackends
let methods: Methods
beforeEach(() => {
  backends = new MemoryBackends('c', 'a', 'b')
  methods = new Methods(backends.all)
  for (const backend of backends.all) {
    backend.offers({}, EXTENSIONS)
    backend.answer = { type: 'complete', body: RawObject.of({ by: backend.name }) }
  }
})

const call = (method: string) => ({ kind: 'method', method, params: RawObject.of({ deep: 1 }) }) as const

const ask = async (method = 'skills/list', owner?: string, caller: Caller = ANONYMOUS_CALLER) =>
  (await methods.method(caller, call(method), owner).run(exchange())).body.value('by')

/** Who was asked since the last time, in order of their names. */
function asked(): string {
  const names = backends.all.flatMap(({ name, calls }) => calls.splice(0).map(() => name))
  return names.sort().join('')
}

describe('a method of an extension', () => {
  it('is for the first backend by name that knows it, and the next time for that one at once', async () => {
    backends.at('a').answer = UNKNOWN
    expect(await ask()).toBe('b')
    expect(asked()).toBe('ab')
    expect(await ask()).toBe('b')
    expect(asked()).toBe('b')
    expect(await ask('other/method')).toBe('b')
    expect(asked()).toBe('ab')
  })

  it('is looked for again when who knew it no longer does', async () => {
    backends.at('a').answer = UNKNOWN
    await ask()
    backends.at('b').answer = UNKNOWN
    expect(await ask()).toBe('c')
    expect(await ask()).toBe('c')
    expect(asked()).toBe('aabbcc')
  })

  it('is first for the owner of the resource that it names', async () => {
    expect(await ask('resources/directory/read')).toBe('a')
    expect(await ask('resources/directory/read', 'c')).toBe('c')
    backends.at('c').answer = UNKNOWN
    asked()
    expect(await ask('resources/directory/read', 'c')).toBe('a')
  })

  it('gets the parameters as they came, under its own name', async () => {
    await ask()
    const [request] = backends.at('a').calls
    expect(request?.call).toEqual(call('skills/list'))
    expect(request?.item).toMatchObject({ kind: 'method', origin: { backend: 'a', name: 'skills/list' } })
  })

  it('is not found where none knows it', async () => {
    for (const backend of backends.all) backend.answer = UNKNOWN
    await expect(ask()).rejects.toMatchObject({
      code: 'method_not_found',
      message: "method 'skills/list' not found",
    })
    expect(asked()).toBe('abc')
  })

  it('fails as the backend that knows it says', async () => {
    backends.at('a').answer = GatewayError.backend({ code: -32602, message: 'no such skill' })
    await expect(ask()).rejects.toMatchObject({ rpc: { message: 'no such skill' } })
    expect(asked()).toBe('a')
  })

  it('is not kept from a client by another backend that is down', async () => {
    backends.at('a').fails('is down')
    backends.at('a').answer = new GatewayError('unavailable', 'is down')
    backends.at('b').answer = UNKNOWN
    expect(await ask()).toBe('c')
    expect(asked()).toBe('bc')
  })

  it('says of the backend that would know it that it is down', async () => {
    expect(await ask()).toBe('a')
    backends.at('a').fails('is down')
    backends.at('a').answer = new GatewayError('unavailable', 'is down')
    await expect(ask()).rejects.toMatchObject({ code: 'unavailable' })
    for (const name of ['b', 'c']) backends.at(name).answer = UNKNOWN
    await expect(ask('of/nobody-that-is-up')).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('is for backends of the era of the client alone', async () => {
    backends.at('a').offers({}, { ...EXTENSIONS, era: 'legacy' })
    expect(await ask()).toBe('b')
    expect(await ask('x/y', undefined, { ...ANONYMOUS_CALLER, era: 'legacy' })).toBe('a')
    // What one era has learned does not lead the other astray.
    expect(await ask('x/y')).toBe('b')
  })

  it.each([
    {},
    { extensions: {} },
    { experimental: {} },
    { extensions: null },
    { extensions: 'skills' },
    { tools: {} },
  ])('is not for a backend that has none: %j', async (capabilities) => {
    for (const backend of backends.all) backend.offers({}, { capabilities })
    expect(() => methods.method(ANONYMOUS_CALLER, call('skills/list'), undefined)).toThrow(
      expect.objectContaining({ code: 'method_not_found' }),
    )
  })

  it('may be experimental', async () => {
    backends.at('a').offers({}, { capabilities: { experimental: { x: {} } } })
    expect(await ask()).toBe('a')
  })

  it('is remembered for so many, and no more', async () => {
    backends.at('a').answer = UNKNOWN
    for (let n = 0; n <= 1_000; n++) await ask(`x/${n}`)
    asked()
    await ask('x/1000')
    await ask('x/0')
    expect(asked()).toBe('abb')
  })
})

describe('a task', () => {
  const task = (backend: string) =>
    ({
      kind: 'task',
      method: 'tasks/get',
      backend,
      taskId: 't1',
      params: RawObject.of({ taskId: 't1' }),
    }) as const

  it('is for the backend that runs it, whatever it can', async () => {
    backends.at('b').offers({})
    const { item, run } = methods.task(ANONYMOUS_CALLER, task('b'))
    expect(item.origin).toEqual({ backend: 'b', name: 'tasks/get' })
    expect((await run(exchange())).body.value('by')).toBe('b')
    expect(backends.at('b').calls[0]?.call).toEqual(task('b'))
  })

  it('of a backend that is no more is not found', () => {
    expect(() => methods.task(ANONYMOUS_CALLER, task('gone'))).toThrow(
      expect.objectContaining({ code: 'not_found' }),
    )
  })
})

it('a backend that has never answered has no extensions yet', () => {
  const { all } = new MemoryBackends('a')
  expect(() => new Methods(all).method(ANONYMOUS_CALLER, call('x/y'), undefined)).toThrow(/not found/)
})
