import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { coerce } from './coerce.ts'

const typed = (type: unknown) => ({ type: 'object', properties: { x: { type } } })
const x = (value: unknown, type: unknown) => (coerce({ x: value }, typed(type)) as { x: unknown }).x

describe('rendered arguments become what the tool wants', () => {
  it.each([
    ['42', 'integer', 42],
    ['-7', 'integer', -7],
    ['1e+06', 'integer', 1_000_000],
    [' 42\n', 'integer', 42],
    ['3.5', 'number', 3.5],
    ['.5', 'number', 0.5],
    ['42', ['integer', 'null'], 42],
  ])('%j as %j is the number %d', (text, type, expected) => expect(x(text, type)).toBe(expected))

  it.each(['1', 't', 'T', 'true', 'TRUE', 'True'])('%s is true', (text) => {
    expect(x(text, 'boolean')).toBe(true)
  })
  it.each(['0', 'f', 'F', 'false', 'FALSE', 'False'])('%s is false', (text) => {
    expect(x(text, 'boolean')).toBe(false)
  })

  it.each([
    ['3.5', 'integer'],
    ['9007199254740993', 'integer'],
    ['', 'integer'],
    ['0x10', 'integer'],
    ['Infinity', 'number'],
    ['1e999', 'number'],
    ['yes', 'boolean'],
    ['42', 'string'],
    ['42', ['string', 'integer']],
    ['{"a":1}', 'object'],
    ['42', undefined],
  ])('%j stays a string for %j', (text, type) => expect(x(text, type)).toBe(text))

  it.each([
    [42, 'string', '42'],
    [true, 'string', 'true'],
    [0.5, ['string', 'null'], '0.5'],
    [42, ['string', 'integer'], 42],
    [42, 'boolean', 42],
    [true, ['boolean', 'string'], true],
    [42, undefined, 42],
    [null, 'string', null],
  ])('%j as %j, which a lone reference keeps, is %j', (value, type, expected) =>
    expect(x(value, type)).toBe(expected),
  )

  it('reaches into nested objects and arrays', () => {
    const schema = {
      type: 'object',
      properties: {
        config: { type: 'object', properties: { timeout: { type: 'integer' }, ratio: { type: 'number' } } },
        ids: { type: 'array', items: { type: 'integer' } },
        pair: { type: 'array', prefixItems: [{ type: 'integer' }, { type: 'string' }] },
      },
      additionalProperties: { type: 'boolean' },
    }
    const value = {
      config: { timeout: '30', ratio: '0.5' },
      ids: ['1', '2', 'x'],
      pair: ['1', '1'],
      more: 'true',
    }
    expect(coerce(value, schema)).toEqual({
      config: { timeout: 30, ratio: 0.5 },
      ids: [1, 2, 'x'],
      pair: [1, '1'],
      more: true,
    })
  })

  it('follows references and alternatives, as generated schemas have them', () => {
    const schema = {
      $defs: { Config: { type: 'object', properties: { on: { type: 'boolean' } } } },
      properties: {
        limit: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
        config: { anyOf: [{ $ref: '#/$defs/Config' }, { type: 'null' }] },
        name: { anyOf: [{ type: 'integer' }, { type: 'string' }] },
      },
    }
    expect(coerce({ limit: '5', config: { on: 'true' }, name: '5' }, schema)).toEqual({
      limit: 5,
      config: { on: true },
      name: '5',
    })
  })

  it('ends on schemas that refer to themselves', () => {
    const loop = { anyOf: [{ $ref: '#' }, { $ref: '#' }, { allOf: [{ $ref: '#' }] }] }
    expect(coerce('1', loop)).toBe('1')
    expect(coerce({ a: '1' }, { $ref: '#' })).toEqual({ a: '1' })
    expect(coerce('1', { $ref: 'https://example.com/schema' })).toBe('1')
  })

  it('changes nothing of what it is given, and never throws, whatever the schema', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (value, schema) => {
        const before = JSON.stringify(value)
        coerce(value, schema)
        expect(JSON.stringify(value)).toBe(before)
        if (value === null) expect(coerce(value, schema)).toBe(null)
      }),
    )
  })
})
