import { describe, expect, it } from 'vitest'
import type { Signal } from '../../core/abort.ts'
import { GatewayError } from '../../core/errors.ts'
import type { StepDraft } from './define.ts'
import { echo, simulate, text, type World } from './testing.ts'

const tools = { echo: echo(), slow: echo(1000) }
const step = (id: string, more: Partial<StepDraft> = {}) => ({ id, tool: 'echo', ...more }) as StepDraft
const run = (steps: StepDraft[], world: World = {}) => simulate({ name: 'w', steps }, { tools, ...world })

describe('a step that fails', () => {
  const failing = { ...tools, bad: () => text('it broke', true) }

  it('ends the workflow, whose other steps are cancelled and not started', async () => {
    const aborted: string[] = []
    const hang = async ({ signal, step: id }: { signal: Signal; step: string }) => {
      await new Promise((resolve) =>
        signal.addEventListener('abort', () => resolve(undefined), { once: true }),
      )
      aborted.push(id)
      throw signal.reason
    }
    const bad = async (_: unknown, clock: { sleep(ms: number, s: AbortSignal): Promise<void> }) => {
      await clock.sleep(10, new AbortController().signal)
      return text('it broke', true)
    }
    const { outcome } = await run(
      [
        step('done', { arguments: { kept: true } }),
        step('a', { tool: 'hang' }),
        step('b', { tool: 'bad' }),
        step('c', { dependsOn: ['b'] }),
      ],
      { tools: { ...tools, hang, bad } },
    )
    expect(outcome).toMatchObject({ status: 'failed', durationMs: 10 })
    expect(outcome.status === 'failed' && outcome.error.message).toBe(
      "Workflow execution failed: step 'b': it broke",
    )
    expect(outcome.steps.map(({ id, status }) => [id, status])).toEqual([
      ['done', 'completed'],
      ['a', 'cancelled'],
      ['b', 'failed'],
      ['c', 'pending'],
    ])
    expect(outcome.steps[0]).toMatchObject({ output: { kept: true } })
    expect(aborted).toEqual(['a'])
  })

  it.each<[string, Partial<StepDraft>]>([
    ['a tool error', { tool: 'bad' }],
    ['a tool that does not exist', { tool: 'nowhere' }],
    ['a template error', { arguments: { x: '{{.params.nothing}}' } }],
    ['a condition that cannot be told', { condition: '{{.params.nothing}}' }],
    ['a timeout', { tool: 'slow', timeoutMs: 10 }],
  ])('through %s goes on with its default results under continue', async (_, fault) => {
    const {
      outcome,
      calls,
      step: report,
    } = await run(
      [
        step('a', { ...fault, onError: { action: 'continue' }, defaultResults: { v: 'default' } } as never),
        step('b', { dependsOn: ['a'], arguments: { x: '{{.steps.a.output.v}} {{.steps.a.status}}' } }),
      ],
      { tools: failing },
    )
    expect(outcome.status).toBe('completed')
    expect(calls.at(-1)?.arguments).toEqual({ x: 'default failed' })
    expect(report('a')).toMatchObject({
      status: 'failed',
      continued: true,
      error: { message: expect.any(String) },
    })
  })

  it('shows its error to those behind it', async () => {
    const { calls } = await run(
      [
        step('a', { tool: 'bad', onError: { action: 'continue' } }),
        step('b', { dependsOn: ['a'], arguments: { x: '{{.steps.a.error}}' } }),
      ],
      { tools: failing },
    )
    expect(calls.at(-1)?.arguments).toEqual({ x: 'it broke' })
  })

  it('keeps what it does not know from the client, and the cause for the log', async () => {
    const secret = new Error('password=hunter2')
    const { outcome, events } = await run([step('a', { tool: 'leaky' })], {
      tools: {
        leaky: () => {
          throw secret
        },
      },
    })
    expect(JSON.stringify(outcome)).not.toContain('hunter2')
    expect(outcome.status === 'failed' && outcome.error.message).toContain('internal error')
    const failed = events.find((event) => event.type === 'step_failed')
    expect(failed?.type === 'step_failed' && failed.error.cause).toBe(secret)
  })
})

describe('retry', () => {
  const flaky = (failures: number) => {
    let calls = 0
    return () => (calls++ < failures ? text('not yet', true) : text('ok'))
  }
  const retried = (retryCount: number, more: Partial<StepDraft> = {}) =>
    step('a', { tool: 'flaky', onError: { action: 'retry', retryCount }, ...more } as never)

  it('succeeds when the tool does in time', async () => {
    const { outcome, calls, events } = await run([retried(2)], { tools: { flaky: flaky(2) } })
    expect(outcome).toMatchObject({ status: 'completed', output: { text: 'ok' }, steps: [{ attempts: 3 }] })
    expect(calls.map((call) => call.attempt)).toEqual([1, 2, 3])
    const delays = events.flatMap((event) => (event.type === 'step_retrying' ? [event.delayMs] : []))
    expect(delays).toEqual([1000, 2000])
    expect(outcome.durationMs).toBe(3000)
  })

  it('ends the workflow when retries are used up', async () => {
    const { outcome, calls } = await run([retried(2)], { tools: { flaky: flaky(3) } })
    expect(outcome.status).toBe('failed')
    expect(calls).toHaveLength(3)
  })

  it('doubles its delay up to 60 times the first, never more than ten times', async () => {
    const { calls, events } = await run([retried(99, { timeoutMs: 3_600_000 })], {
      tools: { flaky: flaky(99) },
    })
    expect(calls).toHaveLength(11)
    const delays = events.flatMap((event) => (event.type === 'step_retrying' ? [event.delayMs / 1000] : []))
    expect(delays).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60, 60])
  })

  it.each([
    [0, 750],
    [0.999, 1250],
  ])('moves the delay by at most a quarter (random %d)', async (random, delay) => {
    const { outcome } = await run([retried(1)], {
      tools: { flaky: flaky(1) },
      ports: { random: () => random },
    })
    expect(outcome.durationMs).toBe(delay)
  })

  it('ends with the timeout of the step', async () => {
    const { outcome, calls } = await run([retried(10, { timeoutMs: 2500 })], { tools: { flaky: flaky(99) } })
    expect(calls).toHaveLength(2)
    expect(outcome).toMatchObject({
      status: 'failed',
      durationMs: 2500,
      steps: [{ error: { code: 'timeout' } }],
    })
  })

  it.each(['denied', 'not_found', 'invalid_params'] as const)(
    'does not ask again what is %s',
    async (code) => {
      const flaky = () => {
        throw new GatewayError(code, 'no')
      }
      expect((await run([retried(5)], { tools: { flaky } })).calls).toHaveLength(1)
    },
  )

  it('asks again a backend that was away', async () => {
    const flaky = () => {
      throw new GatewayError('unavailable', 'away')
    }
    expect((await run([retried(5)], { tools: { flaky } })).calls).toHaveLength(6)
  })
})

describe('time and cancellation', () => {
  it('ends a workflow at its timeout', async () => {
    const { outcome } = await simulate(
      { name: 'late', timeoutMs: 1000, steps: [step('a'), step('b', { tool: 'long', dependsOn: ['a'] })] },
      { tools: { ...tools, long: echo(3000) } },
    )
    expect(outcome).toMatchObject({ status: 'timed_out', durationMs: 1000 })
    expect(outcome.status !== 'completed' && outcome.error).toMatchObject({
      code: 'timeout',
      message: "Workflow execution failed: timeout: workflow 'late' took longer than 1 s",
    })
    expect(outcome.steps.map(({ status }) => status)).toEqual(['completed', 'cancelled'])
  })

  it('leaves a tool that does not listen behind, soon after', async () => {
    const deaf = () => new Promise<never>(() => {})
    const { outcome } = await simulate(
      { name: 'w', timeoutMs: 1000, steps: [step('a', { tool: 'deaf' })] },
      { tools: { deaf } },
    )
    expect(outcome).toMatchObject({ status: 'timed_out', durationMs: 1250 })
  })

  it('ends at once when the caller goes away', async () => {
    const control = new AbortController()
    const leave = () => {
      control.abort(new Error('the client hung up'))
      return text('too late')
    }
    const { outcome, calls } = await run(
      [step('a', { tool: 'slow' }), step('b', { tool: 'leave' }), step('c', { dependsOn: ['b'] })],
      { tools: { ...tools, leave }, signal: control.signal },
    )
    expect(outcome).toMatchObject({ status: 'cancelled', durationMs: 0, error: { code: 'cancelled' } })
    expect(calls.map((call) => call.step)).toEqual(['a', 'b'])
    expect(outcome.steps.map(({ status }) => status)).toEqual(['cancelled', 'cancelled', 'pending'])
  })

  it('starts nothing for a caller who is gone', async () => {
    const { outcome, calls } = await run([step('a')], { signal: AbortSignal.abort() })
    expect(outcome.status).toBe('cancelled')
    expect(calls).toEqual([])
  })
})
