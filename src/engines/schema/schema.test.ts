import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../core/catalog.ts'
import { schemaReader } from './index.ts'

const read = schemaReader()

const of = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  ...more,
})

function problem(schema: JsonObject, value: unknown): string | undefined {
  const checked = read(schema).check(value)
  return checked.ok ? undefined : checked.problem
}

describe('a value that fits', () => {
  test('gets the defaults of the schema at any depth, and keeps what the schema does not name', () => {
    const inner = of({ x: { type: 'number', default: 1 } }, { default: {} })
    const schema = of({ n: { type: 'integer', default: 5 }, o: inner, e: { enum: ['a', 'b'], default: 'a' } })
    const value = { more: [null] }
    expect(read(schema).check(value)).toEqual({
      ok: true,
      value: { n: 5, o: { x: 1 }, e: 'a', more: [null] },
    })
    expect(value).toEqual({ more: [null] })
  })

  test('needs no required member that has a default', () => {
    const schema = of({ a: { type: 'string', default: 'q' } }, { required: ['a'] })
    expect(read(schema).check({})).toEqual({ ok: true, value: { a: 'q' } })
  })

  test.each<[string, JsonObject, unknown]>([
    ['one of several sets of members', { anyOf: [{ required: ['a'] }, { required: ['b'] }] }, { b: 1 }],
    ['null where it may be', of({ a: { type: ['string', 'null'] } }), { a: null }],
    ['a format that is a note', of({ a: { type: 'string', format: 'uri-reference' } }), { a: '../x' }],
    [
      'a schema of another draft with an id',
      { $schema: 'http://json-schema.org/draft-07/schema#', $id: 'x' },
      {},
    ],
    ['a keyword that nobody knows', { 'x-note': 3 }, {}],
  ])('may be %s', (_, schema, value) => {
    expect(problem(schema, value)).toBeUndefined()
    expect(problem({ ...schema }, value)).toBeUndefined()
  })
})

describe('a value that does not fit is refused for', () => {
  const user = of({ mail: { type: 'string', format: 'email' } }, { required: ['mail'] })
  test.each<[string, JsonObject, unknown, string]>([
    ['what is missing', of({ a: { type: 'string' } }, { required: ['a'] }), {}, 'a: required'],
    ['its type', of({ a: { type: 'integer' } }), { a: 'x' }, 'a: must be integer'],
    ['a fraction', of({ a: { type: 'integer' } }), { a: 1.5 }, 'a: must be integer'],
    ['not being an object', of({}), [1], 'must be object'],
    ['a member deep inside', of({ u: user }), { u: { mail: 'x' } }, 'u.mail: must match format "email"'],
    ['what is missing deep inside', of({ u: user }), { u: {} }, 'u.mail: required'],
    ['an item', of({ l: { type: 'array', items: { type: 'boolean' } } }), { l: [true, 1] }, 'l.1: must be'],
    ['a member of an odd name', of({ 'a/~b': { type: 'null' } }), { 'a/~b': 1 }, 'a/~b: must be null'],
    ['a choice', of({ a: { enum: ['x', 'y'] } }), { a: 'z' }, 'a: must be one of "x", "y"'],
    ['a constant', of({ a: { const: 3 } }), { a: 4 }, 'a: must be 3'],
    ['a member too many', of({}, { additionalProperties: false }), { z: 1 }, 'z: not allowed here'],
    [
      'all alternatives',
      of({ a: { anyOf: [{ type: 'null' }, { const: 1 }] } }),
      { a: 2 },
      'a: must fit one of',
    ],
    ['more than one alternative', { oneOf: [{}, {}] }, 2, 'must fit exactly one of the alternatives'],
    ['a date that is none', { type: 'string', format: 'date' }, '2026-02-30', 'must match format "date"'],
    ['a time that is none', { format: 'date-time' }, '2026-02-03', 'must match format "date-time"'],
    ['an address that is none', { format: 'uri' }, 'nowhere', 'must match format "uri"'],
  ])('%s', (_, schema, value, expected) => {
    expect(problem(schema, value)).toContain(expected)
  })

  test('the members of its prototype, which are not its own', () => {
    expect(problem(of({}, { required: ['constructor'] }), {})).toBe('constructor: required')
  })

  test('a schema that refers to itself without end', () => {
    expect(problem({ anyOf: [{ $ref: '#' }, { $ref: '#' }] }, {})).toBe('nested too deeply to be checked')
  })
})

test.each<[string, JsonObject, string]>([
  ['an unknown type', of({ a: { type: 'strin' } }), 'properties.a.type: must be one of "array"'],
  ['a bound that is no number', of({ a: { minimum: '3' } }), 'properties.a.minimum: must be number'],
  ['properties that are none', { type: 'object', properties: { a: 3 } }, 'properties.a: '],
  ['a reference to elsewhere', of({ a: { $ref: 'https://example.com/x' } }), "can't resolve reference"],
  ['a pattern that is none', of({ a: { type: 'string', pattern: '(' } }), 'Invalid regular expression'],
])('a schema with %s is refused', (_, schema, expected) => {
  expect(() => read(schema)).toThrow(`not a JSON Schema: ${expected}`)
})

test('what is said of a value does not quote it', () => {
  for (const schema of [{ type: 'integer' }, { enum: ['x'] }, { maxLength: 1 }, { pattern: '^x' }])
    expect(problem(of({ a: schema }), { a: 'secret' })).not.toContain('secret')
})
