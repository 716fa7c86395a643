import { describe, expect, test } from 'vitest'
import type { CompositeStep } from '../../core/composite.ts'
import { run, step, testTool } from './testing.ts'

const echo = testTool('a.x')
const fails =
  (message = 'no') =>
  () => ({ isError: true, content: [{ type: 'text', text: message }] })

describe('the report', () => {
  test('says of each step what became of it and how long it took', async () => {
    const steps = [
      step('s', 'a_x'),
      step('skip', 'a_x', { condition: 'false' }),
      step('bad', 'a_y', { onError: { action: 'continue' } }),
    ]
    const { report } = await run(steps, [echo, testTool('a.y', fails('out of order'))])
    expect(report).toMatchObject({
      run: expect.stringMatching(/^[0-9a-f-]{36}$/),
      status: 'completed',
      startedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      durationMs: expect.any(Number),
    })
    expect(report?.steps).toMatchObject([
      {
        id: 's',
        type: 'tool',
        tool: 'a_x',
        status: 'completed',
        attempts: 1,
        durationMs: expect.any(Number),
      },
      { id: 'skip', status: 'skipped', because: 'condition' },
      { id: 'bad', status: 'failed', continued: true, error: { code: 'backend', message: 'out of order' } },
    ])
    expect(JSON.stringify(report)).not.toContain('"output"')
  })

  test('of a run that failed has the partial results, but those of hidden tools and of endless ones', async () => {
    const big = testTool('a.big', () => ({ structuredContent: { text: 'x'.repeat(300_000) } }))
    const secret = testTool('a.secret', () => ({ structuredContent: { token: 'hunter2' } }), { hidden: true })
    const before = ['big', 'x', 'secret'].map((own) => step(own, `a.${own}`, { arguments: { own } }))
    const last = step('last', 'a.bad', { dependsOn: ['big', 'x', 'secret'] })
    const { report } = await run([...before.reverse(), last], [big, secret, echo, testTool('a.bad', fails())])
    const outputs = Object.fromEntries(report?.steps.map(({ id, output }) => [id, output]) ?? [])
    expect(outputs).toEqual({ x: { own: 'x' }, secret: undefined, big: undefined, last: undefined })
    expect(JSON.stringify(report)).not.toContain('hunter2')
  })
})

test('a result that nests more deeply than a message may is a failure in words', async () => {
  const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) })
  const deep = testTool('a.x', () => ({ structuredContent: nested(125) }))
  const loop: CompositeStep = { type: 'forEach', id: 's', collection: '[1]', step: { tool: 'a_x' } }
  const { text, isError } = await run([loop], [deep])
  expect(isError).toBe(true)
  expect(text).toContain('Workflow execution failed: the result: ')
})
