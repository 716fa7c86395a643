import { describe, expect, it } from 'vitest'
import { newName, readEventId, writeEventId } from './id.ts'

describe('an event id', () => {
  it.each(['answer', 'session'] as const)('of a stream of kind %s says where it belongs', (kind) => {
    const name = newName(kind)
    for (const place of [0, 1, 42, 1_000_000]) {
      expect(readEventId(writeEventId(name, place))).toEqual({ kind, name, place })
    }
  })

  it('is never that of another stream', () => {
    expect(new Set(Array.from({ length: 1_000 }, () => newName('answer'))).size).toBe(1_000)
  })

  it.each([
    '',
    '0',
    'a.1',
    'xAAAAAAAAAAAA.1',
    'aAAAAAAAAAAAA',
    'aAAAAAAAAAAAA.',
    'aAAAAAAAAAAAA.01',
    'aAAAAAAAAAAAA.-1',
    'aAAAAAAAAAAAA.1e3',
    ' aAAAAAAAAAAAA.1',
    'aAAAAAAAAAAAA.1\n',
    'aAAAAAAAAAAAA.99999999999999999999',
    'aAAAAAAAAAA/A.1',
  ])('is not %j', (foreign) => {
    expect(readEventId(foreign)).toBeUndefined()
  })
})
