import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RawObject } from '../../../core/raw.ts'
import { encodeHeader, paramHeaders, valuesOf } from './headers.ts'

function decode(value: string): string {
  const match = /^=\?base64\?(.*)\?=$/.exec(value)
  return match ? Buffer.from(match[1] as string, 'base64').toString() : value
}

const annotated = (name: unknown, type = 'string') => ({ type, 'x-mcp-header': name })

describe('a header value', () => {
  it('can be read back, and is always a legal field value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        const encoded = encodeHeader(value)
        expect(decode(encoded)).toBe(value)
        expect(encoded).toMatch(/^[\x21-\x7e]([\t\x20-\x7e]*[\x21-\x7e])?$/)
      }),
    )
  })

  it.each([
    ['plain', 'get weather', 'get weather'],
    ['non-ASCII', 'wörld', '=?base64?d8O2cmxk?='],
    ['padded', ' a', '=?base64?IGE=?='],
    ['what looks encoded', '=?base64?eA==?=', '=?base64?PT9iYXNlNjQ/ZUE9PT89?='],
    ['empty', '', '=?base64??='],
    ['with a line break', 'a\nb', '=?base64?YQpi?='],
  ])('is right when %s', (_, value, wanted) => {
    expect(encodeHeader(value)).toBe(wanted)
  })
})

describe('the annotations of a schema', () => {
  it('are found on any chain of properties', () => {
    const schema = {
      type: 'object',
      properties: {
        region: annotated('Region'),
        inner: { type: 'object', properties: { tier: annotated('Tier', 'integer') } },
      },
    }
    expect(paramHeaders(schema)).toEqual({
      valid: true,
      headers: [
        { header: 'mcp-param-region', path: ['region'] },
        { header: 'mcp-param-tier', path: ['inner', 'tier'] },
      ],
    })
  })

  it('may be the name of a property, a default or an example without meaning anything', () => {
    const schema = {
      properties: { 'x-mcp-header': { type: 'string' } },
      default: { 'x-mcp-header': 1 },
      examples: [{ 'x-mcp-header': 'A' }],
    }
    expect(paramHeaders(schema)).toEqual({ valid: true, headers: [] })
  })

  it.each([
    ['an empty name', { properties: { a: annotated('') } }],
    ['a name with a space', { properties: { a: annotated('A B') } }],
    ['a name with a line break', { properties: { a: annotated('A\r\nB') } }],
    ['a name that is no string', { properties: { a: annotated(1) } }],
    ['a number', { properties: { a: annotated('A', 'number') } }],
    ['an object', { properties: { a: annotated('A', 'object') } }],
    ['two that differ in case only', { properties: { a: annotated('A'), b: annotated('a') } }],
    ['the root', annotated('A')],
    ['items', { properties: { a: { type: 'array', items: annotated('A') } } }],
    ['anyOf', { anyOf: [{ properties: { a: annotated('A') } }] }],
    ['$defs', { $defs: { x: { properties: { a: annotated('A') } } } }],
  ])('are invalid on %s', (_, schema) => {
    expect(paramHeaders(schema).valid).toBe(false)
  })
})

describe('the headers of the arguments', () => {
  const headers = [
    { header: 'mcp-param-s', path: ['s'] },
    { header: 'mcp-param-n', path: ['deep', 'n'] },
  ]
  const valuesFor = (args: string) => valuesOf(headers, RawObject.scan(Buffer.from(`{"arguments":${args}}`)))

  it('repeat strings, integers and booleans', () => {
    expect(valuesFor('{"s":"eu","deep":{"n":42}}')).toEqual({ 'mcp-param-s': 'eu', 'mcp-param-n': '42' })
    expect(valuesFor('{"s":true,"deep":{"n":1.0}}')).toEqual({ 'mcp-param-s': 'true', 'mcp-param-n': '1' })
  })

  it('are absent for what is absent, null, no scalar, or an integer that would be rounded', () => {
    expect(valuesFor('{"s":null,"deep":{"n":12345678901234567890}}')).toEqual({})
    expect(valuesFor('{"s":[1],"deep":7}')).toEqual({})
    expect(valuesFor('{}')).toEqual({})
  })
})
