import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DURATION_PATTERN, formatDuration, parseDuration } from './duration.ts'

describe('a duration', () => {
  it.each([
    ['30s', 30_000],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['100ms', 100],
    ['1us', 1],
    ['1µs', 1],
    ['999999ns', 1],
    ['0s', 0],
    ['1h1m1s1ms', 3_661_001],
    ['1m1m', 120_000],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each([
    '',
    '30',
    's',
    '30 s',
    ' 30s',
    '30S',
    '-1s',
    '+1s',
    '.5s',
    '1.s',
    '1d',
    '1s2',
    '1e3s',
    '1sms',
    `${'1'.repeat(70)}s`,
  ])('is not %j', (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })

  it('is read exactly where the published pattern says so', () => {
    const pieces = fc.array(
      fc.constantFrom('1', '23', '.', 's', 'm', 'ms', 'h', 'ns', 'µs', 'us', 'd', ' '),
      { maxLength: 8 },
    )
    const pattern = new RegExp(DURATION_PATTERN)
    fc.assert(
      fc.property(pieces, (parts) => {
        const text = parts.join('')
        expect(parseDuration(text) !== undefined).toBe(pattern.test(text))
      }),
    )
  })

  it('is printed so that it reads back the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms)
      }),
    )
  })
})
