import { describe, expect, test } from 'vitest'
import type { CompositeToolConfig } from '../../core/composite.ts'
import { type Log, silent } from '../../core/log.ts'
import { composition } from './index.ts'
import { CALLER, call, composite, step, TestGateway, testTool } from './testing.ts'

const { signal } = new AbortController()

function over(inner: TestGateway, ...tools: CompositeToolConfig[]) {
  return composition(tools, { log: silent })(inner)
}

async function offered(gateway: ReturnType<typeof over>) {
  const { tools, dropped } = await gateway.list(CALLER, signal)
  return {
    names: tools.map(({ name }) => name),
    dropped: dropped.map(({ origin, reason }) => `${origin.backend} ${origin.name}: ${reason}`),
    tools,
  }
}

describe('a composite tool', () => {
  test('stands among the tools of the backends in the order of names', async () => {
    const gateway = over(
      new TestGateway(testTool('a.x'), testTool('z.x')),
      composite('m', [step('s', 'a_x')]),
    )
    const { names, tools } = await offered(gateway)
    expect(names).toEqual(['a_x', 'm', 'z_x'])
    expect(tools[1]).toMatchObject({
      origin: { backend: '(composite)', name: 'm' },
      hidden: false,
      definition: { name: 'm', description: 'The composite m', inputSchema: { type: 'object' } },
    })
    expect(tools[1]?.definition).not.toHaveProperty('outputSchema')
  })

  test('leaves the catalogue the same object for as long as that of the backends is', async () => {
    const inner = new TestGateway(testTool('a.x'))
    const gateway = over(inner, composite('m', [step('s', 'a_x')]))
    const first = await gateway.list(CALLER, signal)
    expect(await gateway.list(CALLER, signal)).toBe(first)
    inner.offer([testTool('a.x'), testTool('a.y')])
    const second = await gateway.list(CALLER, signal)
    expect(second).not.toBe(first)
    expect(second.tools.map(({ name }) => name)).toEqual(['a_x', 'a_y', 'm'])
  })

  test('leaves it open how the lists may be cached', async () => {
    const inner = new TestGateway(testTool('a.x'))
    const { caching } = await over(inner, composite('m', [step('s', 'a_x')])).list(CALLER, signal)
    expect(caching).toBe((await inner.list()).caching)
  })

  test('that nobody asked for changes nothing at all', () => {
    const inner = new TestGateway()
    expect(over(inner)).toBe(inner)
  })

  test('does not come between a client and what changes', async () => {
    const gateway = over(new TestGateway(), composite('m', []))
    for await (const change of gateway.watch(CALLER, signal)) expect(change).toEqual({ kind: 'tools' })
  })
})

describe('is withdrawn, and no other with it', () => {
  const fine = composite('fine', [step('s', 'a_x')])

  async function withdrawn(inner: TestGateway, ...tools: CompositeToolConfig[]) {
    const { names, dropped } = await offered(over(inner, fine, ...tools))
    expect(names).toContain('fine')
    for (const { name } of tools) expect(dropped.join()).toContain(`(composite) ${name}: withdrawn: `)
    return dropped
  }

  test('a composite tool whose name a backend has, which keeps it', async () => {
    const inner = new TestGateway(
      testTool('a.x'),
      testTool('b.y', () => ({ structuredContent: { of: 'b' } })),
    )
    const clash = composite('b_y', [step('s', 'a_x')])
    expect(await withdrawn(inner, clash)).toEqual([
      "(composite) b_y: withdrawn: backend 'b' has a tool of this name",
    ])
    expect(await call(over(inner, clash), 'b_y')).toMatchObject({ structuredContent: { of: 'b' } })
  })

  test('one whose step calls what is not there, with the reason where there is one', async () => {
    const inner = new TestGateway()
    const origin = { backend: 'b', name: 'y' }
    inner.offer([testTool('a.x')], [{ kind: 'tool', origin, reason: "'a' comes before it" }])
    const dropped = await withdrawn(inner, composite('m', [step('s', 'b.y'), step('t', 'gone')]))
    expect(dropped).toContain(
      "(composite) m: withdrawn: step 's' calls 'b.y', which is not there ('a' comes before it); " +
        "step 't' calls 'gone', which is not there",
    )
  })

  test('one that promises more than its tools keep', async () => {
    const inner = new TestGateway(testTool('a.x'))
    const bold = composite('bold', [step('s', 'a_x')], { annotations: { readOnlyHint: true } })
    expect((await withdrawn(inner, bold))[0]).toContain("readOnlyHint: true promises too much: 'a_x'")
  })

  test('one that calls another composite tool', async () => {
    const inner = new TestGateway(testTool('a.x'))
    expect((await withdrawn(inner, composite('m', [step('s', 'fine')])))[0]).toContain(
      "step 's' calls 'fine'",
    )
  })

  test('those that can never run', async () => {
    const inner = new TestGateway(testTool('a.x'))
    const cycle = composite('cycle', [step('s', 'a_x', { dependsOn: ['s'] })])
    const unclear = composite('unclear', [step('s', 'a_x')], { parameters: { properties: 3 } })
    const dropped = await withdrawn(inner, cycle, unclear)
    expect(dropped[0]).toContain('steps wait for each other: s → s')
    expect(dropped[1]).toContain('parameters: not a JSON Schema: properties: must be object')
  })

  test('and the log says so once, and when it is back', async () => {
    const lines: string[] = []
    const write: Log['warn'] = (_, message) => lines.push(message)
    const inner = new TestGateway(testTool('a.x'))
    const gateway = composition([composite('m', [step('s', 'b.y')])], {
      log: { ...silent, warn: write, info: write },
    })(inner)
    await gateway.list(CALLER, signal)
    inner.offer([testTool('a.x'), testTool('a.z')])
    await gateway.list(CALLER, signal)
    inner.offer([testTool('b.y')])
    await gateway.list(CALLER, signal)
    expect(lines).toEqual([
      "withdrawn: step 's' calls 'b.y', which is not there",
      'the composite tool is back',
    ])
  })
})

describe('a step finds its tool', () => {
  const marked = (place: `${string}.${string}`, more: { name?: string; hidden?: boolean } = {}) =>
    testTool(place, () => ({ structuredContent: { place, name: more.name ?? '' } }), more)

  async function found(reference: string, ...tools: ReturnType<typeof marked>[]) {
    const result = await call(over(new TestGateway(...tools), composite('m', [step('s', reference)])), 'm')
    return (result['structuredContent'] as { place: string; name: string }).place
  }

  test('by its advertised name', async () => {
    expect(await found('a_x', marked('a.x'), marked('b.x'))).toBe('a.x')
  })

  test('by its backend and its own name, which no override changes', async () => {
    expect(await found('b.x', marked('a.x'), marked('b.x', { name: 'renamed' }))).toBe('b.x')
  })

  test('by an advertised name with a dot before a backend of the same spelling', async () => {
    expect(await found('b.x', marked('a.y', { name: 'b.x' }), marked('b.x'))).toBe('a.y')
  })

  test('where clients do not, below a composite tool of the very name that it hides behind', async () => {
    const inner = new TestGateway(marked('a.x', { hidden: true, name: 'x' }))
    const gateway = over(inner, composite('x', [step('s', 'a.x')]))
    expect((await offered(gateway)).dropped).toEqual([])
    expect(await call(gateway, 'x')).toMatchObject({ structuredContent: { place: 'a.x' } })
  })
})
