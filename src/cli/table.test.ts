import { expect, test } from 'vitest'
import { table } from './table.ts'

test('columns are aligned, and one that is empty throughout is left out', () => {
  const columns = [{ title: 'NAME' }, { title: 'COUNT', align: 'right' as const }, { title: 'REASON' }]
  expect(
    table(columns, [
      ['a', '5', ''],
      ['longer', '123456', ''],
    ]),
  ).toBe(['NAME     COUNT', 'a            5', 'longer  123456'].join('\n'))
})

test('colours do not shift the columns', () => {
  const columns = [{ title: 'A', paint: (text: string) => `<${text}>` }, { title: 'B' }]
  expect(table(columns, [['x', 'y']])).toBe('A  B\n<x>  y')
})

test('what a backend calls itself cannot break the table', () => {
  expect(table([{ title: 'A' }], [['x\n\u001b[31m']])).toBe('A\nx\\n\\u001b[31m')
})
