import { describe, expect, it } from 'vitest'
import { MemoryBackends } from '../catalog/testing.ts'
import type { Era } from '../core/caller.ts'
import type { JsonObject } from '../core/catalog.ts'
import { capabilitiesOf } from './capabilities.ts'

/** Backends by name, each with what it declares. */
function of(era: Era, declared: Record<string, JsonObject>) {
  const backends = new MemoryBackends(...Object.keys(declared))
  for (const [name, capabilities] of Object.entries(declared))
    backends.at(name).offers({}, { era, capabilities })
  return backends
}

describe('what backends add to the capabilities of the gateway', () => {
  it('is nothing but extensions and experiments, those of all together', () => {
    const { all } = of('modern', {
      b: { tools: {}, extensions: { 'io.example/ui': { by: 'b' }, 'io.example/skills': {} } },
      a: { vendor: {}, extensions: { 'io.example/ui': { by: 'a' } }, experimental: { x: 1 } },
    })
    expect(capabilitiesOf(all, 'modern')).toEqual({
      extensions: { 'io.example/ui': { by: 'a' }, 'io.example/skills': {} },
      experimental: { x: 1 },
    })
  })

  it('is that of the era of the client', () => {
    const { all } = of('modern', { a: { extensions: { x: {} }, tasks: { list: {} } } })
    expect(capabilitiesOf(all, 'legacy')).toEqual({})
    expect(capabilitiesOf(all, 'modern')).toEqual({ extensions: { x: {} } })
  })

  it('is tasks where a legacy backend has them', () => {
    const { all } = of('legacy', { a: {}, b: { tasks: { requests: { tools: { call: {} } } } } })
    expect(capabilitiesOf(all, 'legacy')).toEqual({
      tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } },
    })
    expect(capabilitiesOf(all, 'modern')).toEqual({})
  })

  it('stays when a backend fails, and begins when it has answered', () => {
    const backends = new MemoryBackends('a')
    expect(capabilitiesOf(backends.all, 'modern')).toEqual({})
    backends.at('a').offers({}, { capabilities: { extensions: { x: {} } } })
    backends.at('a').fails('is down')
    expect(capabilitiesOf(backends.all, 'modern')).toEqual({ extensions: { x: {} } })
  })

  it.each(['skills', ['skills'], 7, null, {}])('is not what makes no sense: %j', (extensions) => {
    expect(capabilitiesOf(of('modern', { a: { extensions } }).all, 'modern')).toEqual({})
  })
})
