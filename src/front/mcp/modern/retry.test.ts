import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RawObject } from '../../../core/raw.ts'
import { digestOf } from './retry.ts'

const CALL = { name: 'deploy', arguments: { to: 'here', count: 3, deep: { a: [1, 2], b: null } } }

const digest = (params: string | object, method = 'tools/call') => {
  const text = typeof params === 'string' ? params : JSON.stringify(params)
  return digestOf({ method, raw: RawObject.scan(Buffer.from(text)) })
}

/** The same JSON value with the members of every object in another order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  )
}

describe('a retry is for the same request', () => {
  it('whatever the order of its members and the spaces between them', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (params) => {
        expect(digest(JSON.stringify(reversed(params), null, 2))).toBe(digest(params))
      }),
    )
  })

  it('whatever it says in the members that are those of a retry', () => {
    const more = {
      _meta: { progressToken: 2 },
      inputResponses: { a: { action: 'accept' } },
      requestState: 's',
    }
    expect(digest({ ...more, ...CALL })).toBe(digest(CALL))
    expect(digest({ ...CALL, _meta: { progressToken: 1 } })).toBe(digest(CALL))
  })
})

describe('a retry is for another request', () => {
  it.each([
    ['another name', { ...CALL, name: 'destroy' }],
    ['another argument', { ...CALL, arguments: { ...CALL.arguments, to: 'there' } }],
    ['an argument more', { ...CALL, arguments: { ...CALL.arguments, force: true } }],
    ['an argument less', { ...CALL, arguments: { to: 'here', count: 3 } }],
    ['an argument of another type', { ...CALL, arguments: { ...CALL.arguments, count: '3' } }],
    ['another order in a list', { ...CALL, arguments: { ...CALL.arguments, deep: { a: [2, 1], b: null } } }],
    ['a parameter more', { ...CALL, task: {} }],
    ['no arguments', { name: 'deploy' }],
  ])('with %s', (_, params) => {
    expect(digest(params)).not.toBe(digest(CALL))
  })

  it('with a member of a retry among its arguments', () => {
    const inner = { ...CALL, arguments: { ...CALL.arguments, requestState: 's' } }
    expect(digest(inner)).not.toBe(digest(CALL))
  })

  it('of another method', () => {
    expect(digest(CALL, 'prompts/get')).not.toBe(digest(CALL))
  })

  it('with an integer that differs where no double can tell', () => {
    expect(digest('{"id":9007199254740993}')).not.toBe(digest('{"id":9007199254740992}'))
    expect(digest('{"id":9007199254740993}')).not.toBe(digest('{"id":"9007199254740993"}'))
  })

  it('with a member named as a prototype is', () => {
    expect(digest('{"__proto__":{"a":1}}')).not.toBe(digest('{}'))
    expect(digest('{"a":{"__proto__":{"b":1}}}')).not.toBe(digest('{"a":{}}'))
  })
})
