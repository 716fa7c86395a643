import { describe, expect, it } from 'vitest'
import { GatewayError } from '../../core/errors.ts'
import { defineWorkflow, type ElicitationDraft, type StepDraft } from './define.ts'
import type { Answer, ElicitRequest, Ports } from './ports.ts'
import type { EndedState } from './state.ts'
import { echo, references, simulate, virtualClock } from './testing.ts'
import { resumeWorkflow } from './workflow.ts'

const schema = { type: 'object', properties: { env: { type: 'string' } } }

function ask(more: Partial<ElicitationDraft> = {}): ElicitationDraft {
  return { id: 'ask', type: 'elicitation', message: 'Deploy {{.params.app}}?', schema, ...more }
}

function run(steps: StepDraft[], elicit: Ports['elicit']) {
  const tools = { echo: echo(), slow: echo(5000) }
  return simulate({ name: 'w', steps }, { tools, params: { app: 'shop' }, ports: { elicit } })
}

const saying = (answer: Answer) => async () => answer
const never = () => new Promise<never>(() => {})
const followUp = (x: string): StepDraft => ({
  id: 'after',
  tool: 'echo',
  dependsOn: ['ask'],
  arguments: { x },
})

describe('a step that asks a person', () => {
  it('asks with the expanded message and the schema', async () => {
    let request: ElicitRequest | undefined
    await run([ask()], async (each) => {
      request = each
      return { action: 'accept' }
    })
    expect(request).toMatchObject({ step: 'ask', message: 'Deploy shop?', schema })
  })

  it.each(['output.content.env', 'content.env'])('hands the answer on as .steps.ask.%s', async (path) => {
    const accept = saying({ action: 'accept', content: { env: 'prod' } })
    const { calls } = await run([ask(), followUp(`{{.steps.ask.${path}}}`)], accept)
    expect(calls[0]?.arguments).toEqual({ x: 'prod' })
  })

  it.each(['output.action', 'action'])('tells what the person did as .steps.ask.%s', async (path) => {
    const decline = saying({ action: 'decline' })
    const { calls } = await run([ask({ onDecline: 'continue' }), followUp(`{{.steps.ask.${path}}}`)], decline)
    expect(calls[0]?.arguments).toEqual({ x: 'decline' })
  })

  it.each([
    ['decline', 'the request was declined'],
    ['cancel', 'the request was cancelled'],
  ] as const)('ends the workflow on %s, even where errors may continue', async (action, message) => {
    const { outcome, calls } = await run(
      [ask({ onError: { action: 'continue' } }), followUp('x')],
      saying({ action }),
    )
    expect(outcome.status === 'failed' && outcome.error.message).toBe(
      `Workflow execution failed: step 'ask': ${message}`,
    )
    expect(calls).toEqual([])
  })

  it('goes on with what the person did under continue', async () => {
    const { step } = await run([ask({ onCancel: 'continue' })], saying({ action: 'cancel' }))
    expect(step('ask')).toMatchObject({ status: 'completed', output: { action: 'cancel' }, action: 'cancel' })
  })

  it('takes silence for a cancel', async () => {
    const { outcome } = await run([ask({ onCancel: 'continue', onDecline: 'abort' })], never)
    expect(outcome).toMatchObject({ status: 'completed', output: { action: 'timeout' } })
    expect(outcome.durationMs).toBeGreaterThanOrEqual(300_000)
    expect(outcome.durationMs).toBeLessThanOrEqual(301_000)
  })

  it('waits ten minutes at most', async () => {
    const { outcome } = await run([ask({ timeoutMs: 3_600_000 })], never)
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'timeout' } })
    expect(outcome.durationMs).toBeLessThanOrEqual(601_000)
  })

  it('fails where the client cannot be asked, and goes on under continue', async () => {
    const unable = async () => {
      throw new GatewayError('capability_required', 'the client cannot be asked')
    }
    const { outcome } = await run([ask()], unable)
    expect(outcome.status === 'failed' && outcome.error.message).toContain('the client cannot be asked')
    const defaults = ask({ onError: { action: 'continue' }, defaultResults: { content: { env: 'dev' } } })
    const { calls } = await run([defaults, followUp('{{.steps.ask.output.content.env}}')], unable)
    expect(calls[0]?.arguments).toEqual({ x: 'dev' })
  })

  it.each([
    ['long', { env: 'x'.repeat(1024 * 1024) }],
    ['deep', JSON.parse(`${'{"a":'.repeat(12)}1${'}'.repeat(12)}`) as Record<string, unknown>],
  ])('refuses an answer that is too %s', async (_, content) => {
    const { outcome } = await run([ask()], saying({ action: 'accept', content }))
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'too_large' } })
  })
})

describe('skip_remaining', () => {
  it('skips every step that has not started, lets the others end, and returns what there is', async () => {
    const { outcome, calls } = await run(
      [
        { id: 'running', tool: 'slow', arguments: { from: 'running' } },
        ask({ onDecline: 'skip_remaining' }),
        { id: 'behind', tool: 'echo', dependsOn: ['ask'], defaultResults: { d: 1 } },
        { id: 'later', tool: 'echo', dependsOn: ['running'] },
      ],
      saying({ action: 'decline' }),
    )
    expect(outcome).toMatchObject({
      status: 'completed',
      cutShortBy: 'ask',
      durationMs: 5000,
      output: { d: 1 },
    })
    expect(outcome.steps).toMatchObject([
      { id: 'running', status: 'completed', output: { from: 'running' } },
      { id: 'ask', status: 'completed', output: { action: 'decline', skipped: true } },
      { id: 'behind', status: 'skipped', because: 'skip_remaining', output: { d: 1 } },
      { id: 'later', status: 'skipped' },
    ])
    expect(calls.map((call) => call.step)).toEqual(['running'])
  })

  it('leaves out of the output block what was skipped', async () => {
    const value = (id: string) => ({ type: 'string', value: `{{.steps.${id}.output.x}}` }) as const
    const steps: StepDraft[] = [
      { id: 'first', tool: 'echo', arguments: { x: 'here' } },
      ask({ dependsOn: ['first'], onDecline: 'skip_remaining' }),
      { id: 'last', tool: 'echo', dependsOn: ['ask'] },
    ]
    const { outcome } = await simulate(
      { name: 'w', steps, output: { properties: { first: value('first'), last: value('last') } } },
      { tools: { echo: echo() }, params: { app: 'shop' }, ports: { elicit: saying({ action: 'decline' }) } },
    )
    expect(outcome.output).toEqual({ first: 'here' })
  })
})

describe('a run that waited for a person', () => {
  const workflow = defineWorkflow({
    name: 'w',
    steps: [
      { id: 'a', tool: 'echo', arguments: { x: 1 } },
      ask({ dependsOn: ['a'], onDecline: 'skip_remaining' }),
      { id: 'beside', tool: 'echo' },
      followUp('{{.steps.a.output.x}}'),
    ],
  })
  const timing = { startedAt: 5, durationMs: 1, attempts: 1 }
  const done = (output: object, more: object = {}) =>
    ({ status: 'completed', ...timing, output, ...more }) as EndedState

  async function resume(states: Record<string, EndedState>) {
    const clock = virtualClock()
    const calls: string[] = []
    const ports: Ports = {
      templates: references,
      clock,
      elicit: saying({ action: 'accept', content: {} }),
      async callTool(call) {
        calls.push(call.step)
        return { content: [], structuredContent: call.arguments }
      },
    }
    const earlier = { id: 'run-1', startedAt: 5, ended: new Map(Object.entries(states)) }
    const request = { workflow, params: { app: 'shop' }, earlier }
    return { outcome: await clock.run(resumeWorkflow(request, ports, new AbortController().signal)), calls }
  }

  it('is resumed with the results of the steps that had ended, which do not run again', async () => {
    const { outcome, calls } = await resume({ a: done({ x: 41 }) })
    expect(calls).toEqual(['beside', 'after'])
    expect(outcome).toMatchObject({ id: 'run-1', startedAt: 5, status: 'completed', output: { x: 41 } })
  })

  it('does not run what a refusal was to skip', async () => {
    const refused = done({ action: 'decline', skipped: true }, { action: 'decline' })
    const { outcome, calls } = await resume({ a: done({ x: 41 }), ask: refused })
    expect(calls).toEqual([])
    expect(outcome).toMatchObject({ status: 'completed', cutShortBy: 'ask' })
    expect(outcome.steps.map(({ status }) => status)).toEqual([
      'completed',
      'completed',
      'skipped',
      'skipped',
    ])
  })

  it('runs the step again whose failure had ended it', async () => {
    const error = { code: 'unavailable', message: 'away' } as const
    const { calls } = await resume({ a: { status: 'failed', ...timing, error, continued: false } })
    expect(calls).toEqual(['a', 'beside', 'after'])
  })
})
