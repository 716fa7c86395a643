import { describe, expect, it } from 'vitest'
import { createExpander, expand, TemplateError } from './index.ts'

const DATA = { params: { n: 5, list: [1, 2], text: 'hi {{.secret}}' } }

function failure(value: unknown, limits = {}): TemplateError {
  try {
    expand(value, DATA, limits)
  } catch (error) {
    if (error instanceof TemplateError) return error
    throw error
  }
  throw new Error('it did not fail')
}

it('expands every string at any depth and leaves all else', () => {
  const value = {
    a: ['{{.params.n}}', { b: 'n={{.params.n}}', c: 1, d: null, e: true }],
    f: '{{.params.list}}',
    g: 'plain }}',
  }
  expect(expand(value, DATA)).toEqual({
    a: [5, { b: 'n=5', c: 1, d: null, e: true }],
    f: [1, 2],
    g: 'plain }}',
  })
})

it('does not expand what an expansion yields', () => {
  expect(expand('{{.params.text}}', DATA)).toBe('hi {{.secret}}')
  expect(expand({ x: '{{.params}}' }, DATA)).toEqual({ x: DATA.params })
})

it('leaves the given value as it was', () => {
  const value = { a: ['{{.params.n}}'] }
  expand(value, DATA)
  expect(value).toEqual({ a: ['{{.params.n}}'] })
})

it('keeps keys that JavaScript treats specially as plain keys', () => {
  const expanded = expand(
    JSON.parse('{"__proto__": {"polluted": "{{.params.n}}"}, "constructor": "{{.params.n}}"}'),
    DATA,
  )
  expect(JSON.stringify(expanded)).toBe('{"__proto__":{"polluted":5},"constructor":5}')
  expect(Object.getPrototypeOf(expanded)).toBe(Object.prototype)
})

describe('an error', () => {
  it('says where in the value it stands', () => {
    expect(failure({ a: [0, { b: 'x\n{{.params.q}}' }] })).toMatchObject({
      where: ['a', 1, 'b'],
      line: 2,
      column: 3,
      code: 'missing',
    })
  })

  it('comes of a value nested deeper than 100', () => {
    const nested = (depth: number): unknown => (depth === 0 ? '{{.params.n}}' : [nested(depth - 1)])
    expect(JSON.stringify(expand(nested(100), DATA))).toContain('5')
    expect(failure(nested(101)).code).toBe('limit')
  })

  it('comes of strings that are too much together', () => {
    const value = Array.from({ length: 100 }, () => '{{range 100}}x{{end}}')
    expect(failure(value, { steps: 5000 }).code).toBe('limit')
  })
})

it('gives the same from a cache that overflows', () => {
  const own = createExpander()
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 1500; i++) expect(own(`${i}:{{.params.n}}`, DATA)).toBe(`${i}:5`)
  }
  expect(own(`${'x'.repeat(1_040_000)}{{.params.n}}`, DATA)).toHaveLength(1_040_001)
  expect(own('0:{{.params.n}}', DATA)).toBe('0:5')
})
