import { describe, expect, test } from 'vitest'
import { effort } from '../../test/fixtures/effort.ts'
import { GatewayError } from './errors.ts'
import { MAX_DEPTH, MAX_MEMBERS, RawObject } from './raw.ts'

const scan = (text: string, descend?: readonly string[]) => RawObject.scan(Buffer.from(text), descend)

/** What `work` throws, provided that it is an error of ours. */
function refusal(work: () => unknown): string | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof GatewayError) return error.code
    throw error
  }
}

describe('bounds', () => {
  test('nesting is allowed to the limit and not beyond', () => {
    const nested = (levels: number) => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`
    const objects = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
    for (const make of [nested, objects]) {
      for (const descend of [[], ['a']]) {
        expect(refusal(() => scan(make(MAX_DEPTH), descend))).toBeUndefined()
        expect(refusal(() => scan(make(MAX_DEPTH + 1), descend))).toBe('parse')
      }
    }
  })

  test('members are counted, so that a small message cannot fill the memory', () => {
    const members = (count: number) => `{${Array.from({ length: count }, () => '"":0').join(',')}}`
    expect(scan(members(MAX_MEMBERS)).keys.length).toBe(MAX_MEMBERS)
    expect(refusal(() => scan(members(MAX_MEMBERS + 1)))).toBe('parse')
  })

  test('an edit of very many members takes no time to speak of', () => {
    const count = MAX_MEMBERS - 1
    const text = `{${Array.from({ length: count }, (_, i) => `"k${i}":0`).join(',')}}`
    const spent = effort()
    const raw = scan(text)
    expect(raw.without(raw.keys).toString()).toBe('{}')
    expect(spent()).toBeLessThan(2000)
  })
})

describe('what is no object in JSON is refused', () => {
  test.each([
    '',
    ' ',
    '[]',
    '1',
    'null',
    '"a"',
    '{',
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":1,}',
    '{,}',
    '{a:1}',
    '{"a" 1}',
    '{"a":1}{}',
    '{"a":1} x',
    '\uFEFF{}',
    '{"a":1[}',
    '{"a":[}',
    '{"a":[1 2]}',
    '{"a":[1 23]}',
    '{"a":{"b":1 "c":2}}',
    '{"a":{"b"}}',
    '{"a":[1,]}',
    '{"a":{"b":1,}}',
    '{"\\q":1}',
    '{"a":"\\',
    '{"a":"\\"}',
    '{"a":1:2}',
    '{"a":\u00a01}',
  ])('%j', (text) => {
    expect(refusal(() => scan(text))).toBe('parse')
  })
})

describe('hostile text is answered at once', () => {
  const long = 400_000
  test.each([
    ['backslashes', `{"a":"${'\\'.repeat(long)}`],
    ['escaped quotes', `{"a":"${'\\"'.repeat(long)}`],
    ['open brackets', `{"a":${'['.repeat(long)}`],
    ['quotes', `{${'"'.repeat(long)}`],
    ['space', `{${' \n'.repeat(long)}`],
    ['digits', `{"a":${'1'.repeat(long)}`],
    ['a quote far behind each escaped one', `{"a":"${`\\"${'x'.repeat(200)}`.repeat(2000)}`],
  ])('%s', (_, text) => {
    const spent = effort()
    expect(refusal(() => scan(text))).toBe('parse')
    expect(spent()).toBeLessThan(500)
  })
})
