import { expect, test } from 'vitest'
import type { CompositeStep } from '../../core/composite.ts'
import { run, step, testTool } from './testing.ts'

const echo = testTool('a.x')

test('progress grows with each telling and reaches the number of steps, whatever runs at once', async () => {
  const items = (count: number) => `${JSON.stringify(Array.from({ length: count }, (_, i) => i))}`
  const loop = (id: string, count: number): CompositeStep => ({
    type: 'forEach',
    id,
    collection: items(count),
    maxIterations: 1000,
    step: { tool: 'a_x', arguments: { i: '{{.forEach.item}}' } },
  })
  const steps = [loop('small', 3), loop('large', 1000), step('s', 'a_x', { condition: 'false' })]
  const { exchange } = await run(steps, [echo])
  const told = exchange.progressed.map(({ progress }) => progress as number)
  expect(told).toEqual([...told].sort((a, b) => a - b))
  expect(new Set(told).size).toBe(told.length)
  expect(told.at(-1)).toBe(3)
  expect(told.length).toBeLessThan(120)
  const messages = exchange.progressed.map(({ message }) => message)
  expect(messages).toContain('step 1 of 3: small, 2 of 3 items')
  expect(messages).toContain('step 2 of 3: large, 500 of 1000 items')
  expect(messages).toContain('step 3 of 3: s skipped')
})
