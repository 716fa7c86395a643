import { describe, expect, it } from 'vitest'
import type { ForEachDraft, InnerDraft } from './define.ts'
import { echo, simulate, type Tool, text, type World } from './testing.ts'

const slowFirst: Tool = async (call, clock) => {
  await clock.sleep(1000 - 100 * Number(call.arguments['n']), call.signal)
  return { content: [], structuredContent: call.arguments }
}
const picky: Tool = (call) => (call.arguments['n'] === 2 ? text('two is bad', true) : text('fine'))
const tools = { echo: echo(), slowFirst, picky }

function loop(more: Partial<ForEachDraft> = {}, inner: Partial<InnerDraft> = {}): ForEachDraft {
  const step = { tool: 'echo', arguments: { n: '{{.forEach.item}}', i: '{{.forEach.index}}' }, ...inner }
  return { id: 'each', type: 'forEach', collection: '{{.params.items}}', step, ...more }
}

function run(draft: ForEachDraft, items: unknown, world: World = {}) {
  return simulate({ name: 'w', steps: [draft] }, { tools, params: { items }, ...world })
}

describe('a loop', () => {
  it('runs its step for each item and reports in the order of the items', async () => {
    const { outcome } = await run(loop({}, { tool: 'slowFirst' }), [1, 2, 3, 4, 5])
    expect(outcome.output).toEqual({
      iterations: [1, 2, 3, 4, 5].map((n, i) => ({
        index: i,
        item: n,
        status: 'completed',
        output: { n, i },
      })),
      count: 5,
      completed: 5,
      failed: 0,
    })
    expect(outcome.durationMs).toBe(900)
  })

  it.each([
    ['an array', [1, 2]],
    ['its JSON text', '[1,2]'],
  ])('takes %s', async (_, items) => {
    expect((await run(loop(), items)).outcome.output).toMatchObject({ count: 2, completed: 2 })
  })

  it.each([
    ['an object', { a: 1 }, 'expected an array or its JSON text, got an object'],
    ['plain text', 'a,b', 'expected an array or its JSON text'],
    ['nothing', null, 'got nothing'],
  ])('refuses %s', async (_, items, message) => {
    const { outcome } = await run(loop(), items)
    expect(outcome.status === 'failed' && outcome.error.message).toContain(message)
  })

  it('runs over nothing', async () => {
    const empty = { iterations: [], count: 0, completed: 0, failed: 0 }
    expect((await run(loop(), [])).outcome.output).toEqual(empty)
  })

  it('names maxIterations when there are too many items, and calls nothing', async () => {
    const { outcome, calls } = await run(loop(), Array.from({ length: 101 }))
    expect(outcome.status === 'failed' && outcome.error.message).toContain(
      '101 items, maxIterations allows 100',
    )
    expect(calls).toEqual([])
    const beyond = await run(
      loop({ maxIterations: 5000 }),
      Array.from({ length: 1001 }, () => 1),
    )
    expect(beyond.outcome.status === 'failed' && beyond.outcome.error.message).toContain('allows 1000')
  })

  it.each([
    [undefined, 10],
    [3, 3],
    [500, 50],
  ])('with maxParallel %s has %d calls under way at once', async (maxParallel, expected) => {
    let running = 0
    let most = 0
    const counted: Tool = async (call, clock) => {
      most = Math.max(most, ++running)
      await clock.sleep(100, call.signal)
      running--
      return text('ok')
    }
    await run(
      loop({ maxParallel }, { tool: 'counted' }),
      Array.from({ length: 100 }, () => 1),
      { tools: { counted } },
    )
    expect(most).toBe(expected)
  })

  it('names the item as the author likes', async () => {
    const { calls } = await run(loop({ itemVar: 'repo' }, { arguments: { x: '{{.forEach.repo.name}}' } }), [
      { name: 'a' },
    ])
    expect(calls).toMatchObject([{ step: 'each', iteration: 0, arguments: { x: 'a' } }])
  })

  it('skips items by the condition of its step', async () => {
    const inner = { condition: '{{.forEach.item}}', arguments: {}, defaultResults: { d: 1 } }
    const { outcome } = await run(loop({}, inner), [true, false])
    expect(outcome.output).toMatchObject({
      iterations: [
        { index: 0, status: 'completed' },
        { index: 1, status: 'skipped', output: { d: 1 } },
      ],
      completed: 1,
      failed: 0,
    })
  })
})

describe('an item that fails', () => {
  it('is counted where the loop may continue', async () => {
    const { outcome } = await run(loop({ onError: { action: 'continue' } }, { tool: 'picky' }), [1, 2, 3])
    expect(outcome).toMatchObject({
      status: 'completed',
      output: {
        iterations: [
          { index: 0, status: 'completed', output: { text: 'fine' } },
          { index: 1, item: 2, status: 'failed', output: null, error: 'two is bad' },
          { index: 2, status: 'completed' },
        ],
        count: 3,
        completed: 2,
        failed: 1,
      },
    })
  })

  it('otherwise ends the loop, which tells how far it came', async () => {
    const { outcome, calls } = await run(loop({ maxParallel: 1 }, { tool: 'picky' }), [1, 2, 3])
    expect(outcome.status === 'failed' && outcome.error.message).toBe(
      "Workflow execution failed: step 'each': item 1: two is bad",
    )
    expect(outcome.steps[0]).toMatchObject({
      status: 'failed',
      partial: { count: 3, completed: 1, failed: 1 },
    })
    expect(calls).toHaveLength(2)
  })

  it('cancels the items beside it', async () => {
    const hang: Tool = async (call, clock) => {
      if (call.arguments['n'] === 2) return text('bad', true)
      await clock.sleep(60_000, call.signal)
      return text('late')
    }
    const { outcome } = await run(loop({}, { tool: 'hang' }), [1, 2, 3], { tools: { hang } })
    expect(outcome).toMatchObject({
      status: 'failed',
      durationMs: 0,
      steps: [
        { partial: { iterations: [{ status: 'cancelled' }, { status: 'failed' }, { status: 'cancelled' }] } },
      ],
    })
  })

  it('is retried as its own step says', async () => {
    let calls = 0
    const flaky = () => (calls++ < 2 ? text('not yet', true) : text('ok'))
    const inner = { tool: 'flaky', onError: { action: 'retry', retryCount: 2 } } as const
    const { outcome } = await run(loop({}, inner), [1], { tools: { flaky } })
    expect(outcome.output).toMatchObject({ completed: 1 })
    expect(calls).toBe(3)
  })

  it('is one that takes longer than its own step allows', async () => {
    const inner = { tool: 'slowFirst', timeoutMs: 850 }
    const { outcome } = await run(loop({ onError: { action: 'continue' } }, inner), [1, 2])
    expect(outcome.output).toMatchObject({
      iterations: [
        { status: 'failed', error: 'timeout: it took longer than 0.85 s' },
        { status: 'completed' },
      ],
    })
  })
})

describe('the timeout of a loop', () => {
  it('covers all its items', async () => {
    const { outcome } = await run(loop({ maxParallel: 1, timeoutMs: 1500 }, { tool: 'slowFirst' }), [1, 2, 3])
    expect(outcome).toMatchObject({
      status: 'failed',
      durationMs: 1500,
      steps: [{ error: { code: 'timeout' }, partial: { completed: 1, count: 3 } }],
    })
  })
})
