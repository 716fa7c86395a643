import { describe, expect, it } from 'vitest'
import type { StepDraft } from './define.ts'
import { echo, simulate, type World } from './testing.ts'

const tools = { echo: echo(), slow: echo(1000) }
const step = (id: string, more: Partial<StepDraft> = {}) => ({ id, tool: 'echo', ...more }) as StepDraft
const run = (steps: StepDraft[], world: World = {}) => simulate({ name: 'w', steps }, { tools, ...world })

describe('a workflow', () => {
  it('hands the output of a step to those that depend on it', async () => {
    const { outcome, calls } = await run(
      [
        step('a', { arguments: { input: '{{.params.message}}', count: 42, enabled: true } }),
        step('b', { dependsOn: ['a'], arguments: { input: 'got {{.steps.a.output.input}}' } }),
      ],
      { params: { message: 'hello' } },
    )
    expect(calls.map((call) => call.arguments)).toEqual([
      { input: 'hello', count: 42, enabled: true },
      { input: 'got hello' },
    ])
    expect(outcome).toMatchObject({ status: 'completed', output: { input: 'got hello' } })
  })

  it('runs independent steps at once and waits only for what a step needs', async () => {
    const { outcome, step: report } = await run([
      step('slow', { tool: 'slow' }),
      step('a'),
      step('b', { dependsOn: ['a'] }),
      step('c', { tool: 'slow' }),
    ])
    expect(outcome.durationMs).toBe(1000)
    expect(report('b')).toMatchObject({ status: 'completed', startedAt: outcome.startedAt, durationMs: 0 })
  })

  it('keeps to maxParallel and starts in the order of declaration', async () => {
    const steps = ['d', 'a', 'c', 'b'].map((id) => step(id, { tool: 'slow' }))
    const { outcome, calls } = await simulate({ name: 'w', steps, maxParallel: 1 }, { tools })
    expect(calls.map((call) => call.step)).toEqual(['d', 'a', 'c', 'b'])
    expect(outcome.durationMs).toBe(4000)
  })

  it('fits rendered strings to the schema of the tool', async () => {
    const inputSchema = () => ({
      type: 'object',
      properties: { n: { type: 'integer' }, s: { type: 'string' } },
    })
    const draft = step('a', { arguments: { n: ' {{.params.n}}', s: '{{.params.n}}!' } })
    const { calls } = await run([draft], { params: { n: 7 }, ports: { inputSchema } })
    expect(calls[0]?.arguments).toEqual({ n: 7, s: '7!' })
  })

  it('keeps the JSON type of a lone reference', async () => {
    const { calls } = await run([step('a', { arguments: { list: '{{.params.list}}' } })], {
      params: { list: [1, { a: 2 }] },
    })
    expect(calls[0]?.arguments).toEqual({ list: [1, { a: 2 }] })
  })

  it('refuses to run what is no graph', async () => {
    const promise = run([step('a', { dependsOn: ['b'] }), step('b', { dependsOn: ['a'] })])
    await expect(promise).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining('a → b → a'),
    })
  })

  it('runs a workflow without steps', async () => {
    expect((await run([])).outcome).toMatchObject({ status: 'completed', output: {}, steps: [] })
  })
})

describe('template data', () => {
  it('has the steps that a step waits for, and no others', async () => {
    const seen: unknown[] = []
    const templates = {
      expand: (value: unknown, data: unknown) => {
        seen.push((data as { steps: object }).steps)
        return value
      },
      test: () => true,
    }
    await run([step('other'), step('a'), step('b', { dependsOn: ['a'] }), step('c', { dependsOn: ['b'] })], {
      ports: { templates },
    })
    expect(seen.map((steps) => Object.keys(steps as object).sort())).toEqual([[], [], ['a'], ['a', 'b']])
    expect(seen.at(-1)).toMatchObject({ a: { status: 'completed', output: {}, content: {}, error: '' } })
  })

  it('tells of the run', async () => {
    const all = { w: '{{.workflow}}', vars: '{{.vars}}' }
    const { calls, outcome } = await run([
      step('a', { tool: 'slow' }),
      step('b', { dependsOn: ['a'], arguments: all }),
    ])
    const start_time = new Date(outcome.startedAt).toISOString()
    expect(calls[1]?.arguments).toEqual({
      w: { id: outcome.id, duration_ms: 1000, step_count: 2, status: 'running', start_time },
      vars: {},
    })
  })

  it('has the content blocks beside structured output', async () => {
    const both = () => ({ content: [{ type: 'text', text: 'said' }], structuredContent: { id: 1 } })
    const { calls } = await run(
      [
        step('a', { tool: 'both' }),
        step('b', { dependsOn: ['a'], arguments: { x: '{{.steps.a.content.text}} {{.steps.a.output.id}}' } }),
      ],
      { tools: { ...tools, both } },
    )
    expect(calls[1]?.arguments).toEqual({ x: 'said 1' })
  })
})

describe('a condition', () => {
  const optional = step('a', {
    condition: '{{.params.go}}',
    defaultResults: { settings: { theme: 'dark' } },
  })
  const after = step('b', { dependsOn: ['a'], arguments: { x: '{{.steps.a.output.settings.theme}}' } })

  it('that is false skips the step, whose default results stand in for its output', async () => {
    const { calls, step: report } = await run([optional, after], { params: { go: false } })
    expect(report('a')).toMatchObject({ status: 'skipped', because: 'condition' })
    expect(calls.map((call) => [call.step, call.arguments])).toEqual([['b', { x: 'dark' }]])
  })

  it('that is true runs it', async () => {
    const live = () => ({ content: [], structuredContent: { settings: { theme: 'light' } } })
    const { calls } = await run([{ ...optional, tool: 'live' } as StepDraft, after], {
      params: { go: true },
      tools: { ...tools, live },
    })
    expect(calls[1]?.arguments).toEqual({ x: 'light' })
  })

  it('that is no boolean fails the step', async () => {
    const { outcome, calls } = await run([step('a', { condition: 'yes' })])
    expect(outcome).toMatchObject({
      status: 'failed',
      steps: [{ status: 'failed', error: { code: 'config' } }],
    })
    expect(outcome.status === 'failed' && outcome.error.message).toMatch(
      /^Workflow execution failed: step 'a': condition: .*"yes"/,
    )
    expect(calls).toEqual([])
  })
})

describe('the output', () => {
  it('is that of the last declared step that nothing waits for, however long the steps take', async () => {
    const sinks = (first: string, second: string) => [
      step('root'),
      step('a', { tool: first, dependsOn: ['root'], arguments: { from: 'a' } }),
      step('b', { tool: second, dependsOn: ['root'], arguments: { from: 'b' } }),
    ]
    for (const steps of [sinks('slow', 'echo'), sinks('echo', 'slow')]) {
      expect((await run(steps)).outcome.output).toEqual({ from: 'b' })
    }
  })

  it('passes over steps that did not complete', async () => {
    const steps = [step('a', { arguments: { from: 'a' } }), step('b', { condition: 'false' })]
    expect((await run(steps)).outcome.output).toEqual({ from: 'a' })
    const behind = [
      step('a', { arguments: { from: 'a' } }),
      step('b', { condition: 'false', dependsOn: ['a'] }),
    ]
    expect((await run(behind)).outcome.output).toEqual({ from: 'a' })
  })

  it('is that of default results where nothing else completed', async () => {
    const { outcome } = await run([step('a', { condition: 'false', defaultResults: { from: 'defaults' } })])
    expect(outcome.output).toEqual({ from: 'defaults' })
  })

  it('follows the output block, which prefers default results to its own default', async () => {
    const output = {
      properties: {
        n: { type: 'integer', value: '{{.steps.a.output.n}}', default: 1 },
        status: { type: 'string', value: '{{.workflow.status}} {{.steps.a.status}}' },
      },
      required: ['n'],
    } as const
    const steps = [
      step('a', { condition: '{{.params.go}}', defaultResults: { n: '7' }, arguments: { n: '9' } }),
    ]
    const ran = await simulate({ name: 'w', steps, output }, { tools, params: { go: true } })
    expect(ran.outcome.output).toEqual({ n: 9, status: 'completed completed' })
    const skipped = await simulate({ name: 'w', steps, output }, { tools, params: { go: false } })
    expect(skipped.outcome.output).toEqual({ n: 7, status: 'completed skipped' })
  })

  it('that cannot be computed fails the workflow, which keeps the results of its steps', async () => {
    const output = { properties: { n: { type: 'integer', value: '{{.steps.a.output.m}}' } } } as const
    const { outcome } = await simulate(
      { name: 'w', steps: [step('a', { arguments: { n: 1 } })], output },
      { tools },
    )
    expect(outcome).toMatchObject({ status: 'failed', steps: [{ status: 'completed', output: { n: 1 } }] })
    expect(outcome.status === 'failed' && outcome.error.message).toContain('output.n: .steps.a.output.m')
  })
})

describe('events', () => {
  it('tell the whole story, with how far it is', async () => {
    const steps = [step('a'), step('b', { dependsOn: ['a'], condition: 'false' })]
    const { events, outcome } = await run(steps)
    expect(events.map((e) => [e.type, 'step' in e ? e.step : '', e.done, e.total])).toEqual([
      ['workflow_started', '', 0, 2],
      ['step_started', 'a', 0, 2],
      ['step_completed', 'a', 1, 2],
      ['step_skipped', 'b', 2, 2],
      ['workflow_completed', '', 2, 2],
    ])
    expect(new Set(events.map((event) => event.run))).toEqual(new Set([outcome.id]))
    expect(events[1]).toMatchObject({ workflow: 'w', stepType: 'tool', tool: 'echo' })
  })

  it('cannot break the run', async () => {
    const onEvent = () => {
      throw new Error('broken watcher')
    }
    expect((await run([step('a')], { ports: { onEvent } })).outcome.status).toBe('completed')
  })
})
