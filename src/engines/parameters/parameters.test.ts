import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ParameterRules } from '../../core/parameters.ts'
import { RawObject } from '../../core/raw.ts'
import { parametersOf } from './index.ts'

const of = (rules: ParameterRules) => parametersOf(rules, async () => [])
/** What the backend gets, or what the caller is told. */
async function sent(rules: ParameterRules, given: string): Promise<unknown> {
  const prepared = await of(rules).prepare(RawObject.scan(Buffer.from(given)))
  return prepared instanceof RawObject ? prepared.toString() : prepared.problem
}

const SCHEMA = {
  type: 'object',
  properties: {
    repo: { type: 'string', description: 'Repository' },
    id: { type: 'integer' },
    token: { type: 'string' },
  },
  required: ['repo', 'id', 'token'],
  additionalProperties: false,
}

describe('the schema that callers see', () => {
  it('has no hidden parameters, and requires none that has a default', () => {
    const rules = { token: { value: 't' }, id: { default: 7, minimum: 1 } }
    expect(of(rules).advertise(SCHEMA)).toEqual({
      type: 'object',
      properties: { repo: SCHEMA.properties.repo, id: { type: 'integer', default: 7, minimum: 1 } },
      required: ['repo'],
      additionalProperties: false,
    })
  })

  it('says new names, descriptions and limits', () => {
    const rules = {
      repo: { rename: 'project', description: 'Project', enum: ['a', 'b'], maxLength: 3, pattern: '^[ab]' },
      id: { map: { first: 1, last: 9 } },
      token: { hide: true, default: 't' },
    }
    expect(of(rules).advertise(SCHEMA)).toMatchObject({
      properties: {
        project: { type: 'string', description: 'Project', enum: ['a', 'b'], maxLength: 3, pattern: '^[ab]' },
        id: { type: 'string', enum: ['first', 'last'] },
      },
      required: ['project', 'id'],
    })
  })

  it('says where a URL may lead', () => {
    const rules = { repo: { url: { schemes: ['https'], hosts: ['*.company.com'] } } }
    expect(of(rules).advertise(SCHEMA)).toMatchObject({
      properties: {
        repo: {
          format: 'uri',
          description: 'Repository (allowed schemes: https; hosts: *.company.com)',
        },
      },
    })
  })
})

describe('what the backend gets', () => {
  it.each<[string, ParameterRules, string, string]>([
    [
      'what no rule is about, byte by byte',
      { x: { default: 1 } },
      '{"big":12345678901234567890, "x":2}',
      '{"big":12345678901234567890,"x":2}',
    ],
    ['a default where nothing was given', { a: { default: [1] } }, '{}', '{"a":[1]}'],
    ['what was given in the place of a default', { a: { default: [1] } }, '{"a":null}', '{"a":null}'],
    ['a fixed value', { a: { value: 'v' } }, '{"b":1}', '{"b":1,"a":"v"}'],
    ['a fixed value that says nothing', { a: { value: false } }, '{}', '{"a":false}'],
    ['a hidden default', { a: { hide: true, default: 'v' } }, '{}', '{"a":"v"}'],
    ['its own names', { a: { rename: 'z' } }, '{"z":12345678901234567890}', '{"a":12345678901234567890}'],
    ['what a name stands for', { a: { map: { one: { id: 1 } } } }, '{"a":"one"}', '{"a":{"id":1}}'],
    ['what the name of a default stands for', { a: { map: { one: 1 }, default: 'one' } }, '{}', '{"a":1}'],
    ['swapped names', { a: { rename: 'b' }, b: { rename: 'a' } }, '{"a":1,"b":2}', '{"a":2,"b":1}'],
    [
      'the one of two members of a name that was looked at',
      { a: { enum: ['y'] } },
      '{"a":"x","a":"y"}',
      '{"a":"y"}',
    ],
  ])('is %s', async (_, rules, given, expected) => {
    expect(JSON.parse(String(await sent(rules, given)))).toEqual(JSON.parse(expected))
    expect(await sent(rules, given)).toHaveLength(expected.length)
  })
})

describe('a caller is refused', () => {
  it.each<[string, ParameterRules, string, string]>([
    ['a fixed parameter', { a: { value: 1 } }, '{"a":1}', "parameter 'a': this tool does not take it"],
    ['a hidden parameter', { a: { hide: true } }, '{"a":1}', "parameter 'a': this tool does not take it"],
    ['the old name', { a: { rename: 'b' } }, '{"a":1}', "parameter 'a': this tool does not take it"],
    [
      'a value that is not listed',
      { a: { enum: ['x', 2] } },
      '{"a":"2"}',
      `parameter 'a' must be one of "x", 2`,
    ],
    [
      'a name that stands for nothing',
      { a: { map: { x: 1 } } },
      '{"a":"toString"}',
      `parameter 'a' must be one of "x"`,
    ],
    [
      'less than the least',
      { a: { minimum: 2, maximum: 3 } },
      '{"a":1.9}',
      "parameter 'a' must be a number of at least 2 and at most 3",
    ],
    ['text for a number', { a: { maximum: 3 } }, '{"a":"2"}', "parameter 'a' must be a number of at most 3"],
    [
      'a longer text',
      { a: { maxLength: 2 } },
      '{"a":"abc"}',
      "parameter 'a' must be text of at most 2 characters",
    ],
    [
      'text that does not match',
      { a: { pattern: '^x+$' } },
      '{"a":"xy"}',
      "parameter 'a' must be text that matches ^x+$",
    ],
    [
      'a list for a text',
      { a: { pattern: 'x' } },
      '{"a":["x"]}',
      "parameter 'a' must be text that matches x",
    ],
    ['by the new name', { a: { rename: 'b', enum: [1] } }, '{"b":2}', "parameter 'b' must be one of 1"],
    [
      'a name that was written in another way',
      { a: { value: 1 } },
      '{"\\u0061":2}',
      "parameter 'a': this tool does not take it",
    ],
    [
      'an address inside',
      { a: { url: { denyPrivate: true } } },
      '{"a":"http://10.0.0.1/"}',
      "parameter 'a' must not lead to a private network",
    ],
  ])('%s', async (_, rules, given, expected) => {
    expect(await sent(rules, given)).toBe(expected)
  })

  it('characters are counted, not their halves', async () => {
    expect(await sent({ a: { maxLength: 2 } }, '{"a":"😀😀"}')).toBe('{"a":"😀😀"}')
  })

  it('a pattern that would hang other engines takes no time', async () => {
    const given = JSON.stringify({ a: `${'a'.repeat(50_000)}!` })
    expect(await sent({ a: { pattern: '^(a+)+$' } }, given)).toContain('must be text that matches')
  })
})

it('whatever is given, a fixed value is what the backend gets, and a hidden one is never the caller’s', async () => {
  const rules: ParameterRules = { fixed: { value: 'f' }, hidden: { hide: true }, a: { rename: 'b' } }
  const key = fc.constantFrom('fixed', 'hidden', 'a', 'b', 'c')
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(key, fc.integer())), async (members) => {
      const given = `{${members.map(([name, value]) => `"${name}":${value}`).join(',')}}`
      const prepared = await of(rules).prepare(RawObject.scan(Buffer.from(given)))
      if (!(prepared instanceof RawObject)) return
      const { fixed, ...rest } = prepared.parse()
      expect(fixed).toBe('f')
      expect(rest).not.toHaveProperty('hidden')
      expect(rest).not.toHaveProperty('b')
    }),
  )
})
