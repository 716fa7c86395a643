import { describe, expect, test } from 'vitest'
import type { CompositeElicitation } from '../../core/composite.ts'
import { GatewayError } from '../../core/errors.ts'
import { run, step, TestExchange, testTool } from './testing.ts'

const echo = testTool('a.x')

describe('a question to the user', () => {
  const schema = { type: 'object', properties: { n: { type: 'integer', default: 3 } } }
  const question = (more: Partial<CompositeElicitation> = {}): CompositeElicitation => ({
    type: 'elicitation',
    id: 'q',
    message: 'How many {{.params.what}}?',
    schema,
    ...more,
  })
  const after = step('s', 'a_x', { dependsOn: ['q'], arguments: { n: '{{.steps.q.output.content.n}}' } })
  const args = { what: 'eggs' }

  test('carries its message and schema, and its answer takes the defaults of the schema', async () => {
    const exchange = new TestExchange(() => ({ action: 'accept', content: {} }))
    const { structured, report } = await run([question(), after], [echo], { exchange, args })
    expect(structured).toEqual({ n: 3 })
    expect(exchange.asks).toMatchObject([{ method: 'elicitation/create' }])
    expect(exchange.asks[0]?.params.parse()).toEqual({ message: 'How many eggs?', requestedSchema: schema })
    expect(report?.steps[0]).toMatchObject({ id: 'q', type: 'elicitation', action: 'accept' })
  })

  test('is asked again where the step says so and the answer does not fit', async () => {
    const exchange = new TestExchange((_, count) => ({
      action: 'accept',
      content: { n: count === 1 ? 'x' : 7 },
    }))
    const patient = question({ onError: { action: 'retry', retryCount: 1, retryDelayMs: 1 } })
    expect((await run([patient, after], [echo], { exchange, args })).structured).toEqual({ n: 7 })
    const failed = await run([question(), after], [echo], {
      exchange: new TestExchange(() => ({ action: 'accept', content: { n: 'x' } })),
      args,
    })
    expect(failed.text).toContain("step 'q': the answer does not fit its schema: n: must be integer")
  })

  test('that nobody answers in time is one that was cancelled', async () => {
    const exchange = new TestExchange(() => {
      throw new GatewayError('timeout', 'the client did not answer')
    })
    const { structured } = await run([question({ onCancel: 'continue' })], [], { exchange, args })
    expect(structured).toEqual({ action: 'cancel' })
  })

  test('is withdrawn when the time for it is over', async () => {
    const exchange = new TestExchange(() => new Promise(() => {}))
    const brief = question({ timeoutMs: 20, onCancel: 'continue' })
    const { structured } = await run([brief], [], { exchange, args })
    expect(structured).toEqual({ action: 'timeout' })
    expect(exchange.asks[0]?.withdrawn?.aborted).toBe(true)
  })

  test('ends the rest where a refusal is to do so', async () => {
    const exchange = new TestExchange(() => ({ action: 'decline' }))
    const { structured, report } = await run([question({ onDecline: 'skip_remaining' }), after], [echo], {
      exchange,
      args,
    })
    expect(structured).toEqual({ action: 'decline', skipped: true })
    expect(report).toMatchObject({
      cutShortBy: 'q',
      steps: [{}, { status: 'skipped', because: 'skip_remaining' }],
    })
  })

  test('fails for an answer that is none, and for a client that cannot be asked', async () => {
    const odd = new TestExchange(() => ({ action: 'perhaps' }))
    expect((await run([question()], [], { exchange: odd, args })).text).toContain(
      'neither accept, decline nor cancel',
    )
    expect((await run([question()], [], { args })).text).toContain("step 'q': nobody answers")
  })
})
