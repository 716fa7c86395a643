import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseExact, printExact } from './exact.ts'

test.each([
  '{"maximum":9223372036854775807,"minimum":-9223372036854775808}',
  '[18446744073709551615,"9223372036854775807","a\\"9223372036854775807",{"9223372036854775807":1}]',
  '{"safe":9007199254740991,"not":9007199254740993}',
  '"\\\\"',
])('%s arrives as it was sent', (text) => {
  expect(printExact(parseExact(text))).toBe(text)
})

test('everything else is as JSON.parse has it', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(parseExact(text)).toEqual(JSON.parse(text))
      expect(printExact(parseExact(text))).toBe(JSON.stringify(JSON.parse(text)))
    }),
  )
})

test('any integers at all survive between any strings', () => {
  const value = fc.array(
    fc.oneof(
      fc.bigInt().map(String),
      fc.string().map((it) => JSON.stringify(it)),
    ),
  )
  fc.assert(
    fc.property(value, (parts) => {
      const text = `[${parts.join(',')}]`
      expect(printExact(parseExact(text))).toBe(text)
    }),
  )
})

test('what is no JSON is refused', () => {
  expect(() => parseExact('{"a":9223372036854775807')).toThrow('not valid JSON')
})
