import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { splitBatch } from './split.ts'

describe('a batch', () => {
  it('is cut into the bytes of its elements', () => {
    const elements = fc.array(fc.jsonValue(), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(elements, fc.constantFrom(undefined, 2, '\t\n'), (values, indent) => {
        const slices = splitBatch(Buffer.from(JSON.stringify(values, undefined, indent)))
        expect(slices.map((slice) => JSON.stringify(JSON.parse(slice.toString())))).toEqual(
          values.map((value) => JSON.stringify(value)),
        )
      }),
    )
  })

  it.each(['[', '[1,]', '[]', '["\\', '[{]'])('%s is refused', (text) => {
    expect(() => splitBatch(Buffer.from(text))).toThrow()
  })
})
