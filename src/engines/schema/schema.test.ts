import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../core/catalog.ts'
import { parseSchema } from './index.ts'

const of = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  ...more,
})

function problem(schema: JsonObject, value: unknown): string | undefined {
  const checked = parseSchema(schema).check(value)
  return checked.ok ? undefined : checked.problem
}

describe('a value that fits', () => {
  test('gets the defaults of the schema at any depth, and keeps what the schema does not name', () => {
    const inner = of({ x: { type: 'number', default: 1 } }, { default: {} })
    const schema = of({ n: { type: 'integer', default: 5 }, o: inner, e: { enum: ['a', 'b'], default: 'a' } })
    expect(parseSchema(schema).check({ o: {}, more: [null] })).toEqual({
      ok: true,
      value: { n: 5, o: { x: 1 }, e: 'a', more: [null] },
    })
  })

  test('needs no required member that has a default', () => {
    const schema = of({ a: { type: 'string', default: 'q' } }, { required: ['a'] })
    expect(parseSchema(schema).check({})).toEqual({ ok: true, value: { a: 'q' } })
  })
})

describe('a value that does not fit is refused for', () => {
  const user = of({ mail: { type: 'string', format: 'email' } }, { required: ['mail'] })
  test.each<[string, JsonObject, unknown, string]>([
    ['what is missing', of({ a: { type: 'string' } }, { required: ['a'] }), {}, 'a: required'],
    ['a choice that is missing', of({ a: { enum: ['x'] } }, { required: ['a'] }), {}, 'a: required'],
    ['its type', of({ a: { type: 'integer' } }), { a: 'x' }, 'a: expected integer'],
    ['a fraction', of({ a: { type: 'integer' } }), { a: 1.5 }, 'a: expected integer'],
    ['not being an object', of({}), [1], 'expected object'],
    ['a member deep inside', of({ u: user }), { u: { mail: 'x' } }, 'u.mail: expected the format email'],
    [
      'an item',
      of({ l: { type: 'array', items: { type: 'boolean' } } }),
      { l: [true, 1] },
      'l.1: expected boolean',
    ],
    ['a value out of a list', of({ a: { enum: ['x', 'y'] } }), { a: 'z' }, 'a: expected one of "x", "y"'],
    ['a member too many', of({}, { additionalProperties: false }), { z: 1 }, 'z: not allowed here'],
    ['a number out of range', of({ a: { type: 'integer', maximum: 3 } }), { a: 4 }, 'a: must be at most 3'],
    ['a pattern', of({ a: { type: 'string', pattern: '^x' } }), { a: 'y' }, 'a: must match ^x'],
    ['all alternatives', of({ a: { type: ['string', 'null'] } }), { a: 1 }, 'a: expected string or null'],
    [
      'a referenced schema',
      { ...of({ a: { $ref: '#/$defs/u' } }), $defs: { u: user } },
      { a: {} },
      'a.mail: required',
    ],
    ['a bound without a type', of({ a: { minimum: 3 } }), { a: 1 }, 'a: must be at least 3'],
    ['members without a type', { properties: { a: { type: 'string' } } }, { a: 1 }, 'a: expected string'],
    ['a required member that is not described', of({}, { required: ['a'] }), {}, 'a: required'],
    ['too few items of any kind', { type: 'array', minItems: 1 }, [], 'must have at least 1 items'],
    [
      'a member too many beside alternatives',
      of({ a: {} }, { additionalProperties: false, anyOf: [{ required: ['a'] }, { required: ['b'] }] }),
      { a: 1, z: 1 },
      'z: not allowed here',
    ],
    [
      'none of several sets of members',
      of({ a: {}, b: {} }, { anyOf: [{ required: ['a'] }, { required: ['b'] }] }),
      { c: 1 },
      'fits none of the alternatives',
    ],
  ])('%s', (_, schema, value, expected) => {
    expect(problem(schema, value)).toContain(expected)
  })

  test('many things at once, of which the first few are said', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
    const said = problem(of({}, { required: names }), {})
    expect(said).toContain('a: required; b: required')
    expect(said).toContain('2 more')
  })
})

test.each<[string, JsonObject, unknown]>([
  [
    'one of several sets of members',
    of({ a: {} }, { anyOf: [{ required: ['a'] }, { required: ['b'] }] }),
    { b: 1 },
  ],
  ['null where it may be', of({ a: { type: ['string', 'null'] } }), { a: null }],
  ['a format that is a note', of({ a: { type: 'string', format: 'uri-reference' } }), { a: '../x' }],
  ['two schemas with one id', { ...of({}), $id: 'same', id: 'same' }, {}],
])('%s fits', (_, schema, value) => {
  expect(problem(schema, value)).toBeUndefined()
  expect(problem(schema, value)).toBeUndefined()
})

test.each<[string, JsonObject, string]>([
  ['a keyword that judges and is not known here', { dependentRequired: {} }, ' at dependentRequired: '],
  ['a bound that is no number', of({ a: { minimum: '3' } }), ' at properties.a.minimum: '],
  ['a list of alternatives that is none', of({ a: { anyOf: {} } }), ' at properties.a.anyOf: '],
  [
    'properties that are none',
    { type: 'object', properties: { a: 3 } },
    ' at properties.a: expected a schema',
  ],
  ['an unknown type', of({ a: { type: 'strin' } }), ' at properties.a.type: '],
  ['a reference to elsewhere', of({ a: { $ref: 'https://example.com/x' } }), ' at properties.a.$ref: refers'],
  ['a pattern that is none', of({ a: { type: 'string', pattern: '(' } }), ' at properties.a.pattern: '],
])('a schema with %s is refused rather than half obeyed', (_, schema, expected) => {
  expect(() => parseSchema(schema)).toThrow(`not a JSON Schema that can be checked${expected}`)
})

test('a schema that refers to itself without end is given up', () => {
  const schema = { anyOf: [{ $ref: '#' }, { $ref: '#' }] }
  expect(problem(schema, {})).toContain('fits none of the alternatives')
  expect(problem({ allOf: [{ $ref: '#' }, { $ref: '#' }] }, {})).toContain('takes too long to check')
})

test('what is said of a value does not quote it', () => {
  const schema = of({ a: { type: 'integer' }, b: { enum: ['x'] }, c: { type: 'string', maxLength: 1 } })
  expect(problem(schema, { a: 'secret', b: 'secret', c: 'secret' })).not.toContain('secret')
})
