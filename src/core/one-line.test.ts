import fc from 'fast-check'
import { expect, test } from 'vitest'
import { oneLine } from './one-line.ts'

test('says the same and has no line breaks', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom('\n', '\r\n', '\r'), (value, lineBreak) => {
      const text = JSON.stringify({ value }, null, 2).replaceAll('\n', lineBreak)
      const line = oneLine(Buffer.from(text)).toString()
      expect(line).not.toMatch(/[\n\r]/)
      expect(JSON.parse(line)).toStrictEqual(JSON.parse(text))
    }),
  )
})

test('costs no copy where there is nothing to do', () => {
  const bytes = Buffer.from('{"a":"\\n"}')
  expect(oneLine(bytes)).toBe(bytes)
})
