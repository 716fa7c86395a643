import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { ElicitRequestSchema, type ElicitResult } from '@modelcontextprotocol/sdk/types.js'
import { beforeAll, describe, expect, test } from 'vitest'
import { callText, eventually, toolNames } from '../fixtures/ask.ts'
import { closedAfterAll } from '../fixtures/closed.ts'
import { STRING } from '../fixtures/fixture.ts'
import { Stage } from '../fixtures/stage.ts'
import { type Answer, answerOf, echo, params, run, serve, tool } from './composite.ts'

const stage = closedAfterAll(new Stage())
describe('a step that fails', () => {
  const retrying = (n: number) =>
    tool('retrying', [
      {
        id: 'a',
        tool: 'flaky.flaky',
        arguments: { n },
        onError: { action: 'retry', retryCount: 2, retryDelay: '10ms' },
      },
    ])

  test('is tried again as often as it may be, and no further', async () => {
    const enough = await serve(stage, [retrying(2)], ['flaky'])
    const { structured, steps } = await run(enough.ready, 'retrying')
    expect(structured).toEqual({ text: '{"calls":3}' })
    expect(steps).toMatchObject({ a: { status: 'completed', attempts: 3 } })

    const never = await serve(stage, [retrying(3)], ['flaky'])
    const failed = await run(never.ready, 'retrying')
    expect(failed.isError).toBe(true)
    expect(failed.steps).toMatchObject({ a: { status: 'failed', attempts: 3 } })
    expect(await callText(never.ready, 'flaky_flaky', { n: 0 })).toBe('{"calls":4}')
  })

  test('leaves what the others gave as partial results', async () => {
    const steps = [
      echo('fine', 'kept'),
      { id: 'bad', tool: 'flaky.flaky', arguments: { n: 99 }, dependsOn: ['fine'] },
    ]
    const gateway = await serve(stage, [tool('partial', steps)], ['echo', 'flaky'])
    const failed = await run(gateway.ready, 'partial')
    expect(failed.text).toContain("Workflow execution failed: step 'bad'")
    expect(failed.steps).toMatchObject({ fine: { output: { text: 'kept' } }, bad: { status: 'failed' } })
  })
})

describe('time', () => {
  let url: string
  beforeAll(async () => {
    const sleep = (id: string, seconds: number, more: object = {}) => ({
      id,
      tool: 'slow.sleep',
      arguments: { seconds },
      ...more,
    })
    const compositeTools = [
      tool('together', [sleep('a', 1), sleep('b', 1), sleep('c', 1)]),
      tool('chain', [sleep('slow', 1), sleep('quick', 0), sleep('after', 0, { dependsOn: ['quick'] })]),
      tool('late', [sleep('a', 3)], { timeout: '1s' }),
    ]
    url = (await serve(stage, compositeTools, ['slow'])).ready
    await eventually(async () => expect(await toolNames(url)).toContain('together'))
  })

  test('is shared by steps that do not wait for each other', async () => {
    const started = performance.now()
    expect((await run(url, 'together')).isError).toBeUndefined()
    expect(performance.now() - started).toBeLessThan(2000)
  })

  test('is not lost waiting for a slow step that one does not depend on', async () => {
    const { after, slow } = (await run(url, 'chain')).steps
    const slowEnded = Date.parse(slow?.startedAt ?? '') + (slow?.durationMs ?? 0)
    expect(slowEnded - Date.parse(after?.startedAt ?? '')).toBeGreaterThan(500)
  })

  test('runs out for a workflow whose timeout is shorter than its step', async () => {
    const started = performance.now()
    const { isError, text, steps } = await run(url, 'late')
    expect(performance.now() - started).toBeLessThan(1600)
    expect(isError).toBe(true)
    expect(text).toMatch(/^Workflow execution failed: .*timeout/)
    expect(steps).toMatchObject({ a: { status: 'cancelled' } })
  })
})

describe('a loop', () => {
  let url: string
  beforeAll(async () => {
    const items = { parameters: params({ items: { type: 'array' } }) }
    const loop = (step: object, more: object = {}) => ({
      id: 'each',
      type: 'forEach',
      collection: '{{json .params.items}}',
      step,
      ...more,
    })
    const compositeTools = [
      tool(
        'each',
        [loop({ tool: 'echo.echo', arguments: { input: '{{.forEach.index}}:{{.forEach.item}}' } })],
        items,
      ),
      tool(
        'some',
        [
          loop(
            { tool: 'flaky.flaky', arguments: { n: '{{.forEach.item}}' } },
            { maxParallel: 1, onError: { action: 'continue' } },
          ),
        ],
        items,
      ),
    ]
    url = (await serve(stage, compositeTools, ['echo', 'flaky'])).ready
  })

  test('runs its step for each item and keeps their order', async () => {
    const { structured } = await run(url, 'each', { items: ['a', 'b', 'c', 'd', 'e'] })
    expect(structured).toMatchObject({ count: 5, completed: 5, failed: 0 })
    const iterations = structured['iterations'] as { index: number; output: { text: string } }[]
    expect(iterations.map(({ output }) => output.text)).toEqual(['0:a', '1:b', '2:c', '3:d', '4:e'])
  })

  test('refuses more items than it may take', async () => {
    const failed = await run(url, 'each', { items: Array.from({ length: 101 }, (_, i) => i) })
    expect(failed).toMatchObject({ isError: true, text: expect.stringContaining('maxIterations') })
  })

  test('goes on past an item that fails where it may', async () => {
    const { isError, structured } = await run(url, 'some', { items: [0, 0, 99, 0] })
    expect(isError).toBeUndefined()
    expect(structured).toMatchObject({ count: 4, completed: 3, failed: 1 })
  })
})

describe('a question to the user', () => {
  let url: string
  beforeAll(async () => {
    const schema = params({ env: { type: 'string', enum: ['staging', 'production'] } }, ['env'])
    const question = { id: 'confirm', type: 'elicitation', message: 'Deploy {{.params.what}}?', schema }
    const deploy = echo('deploy', '{{.params.what}} to {{.steps.confirm.output.content.env}}', {
      dependsOn: ['confirm'],
    })
    const what = { parameters: params({ what: STRING }) }
    const compositeTools = [
      tool('deploy', [question, deploy], what),
      tool(
        'older',
        [
          question,
          echo('deploy', '{{.params.what}} to {{.steps.confirm.content.env}}', {
            dependsOn: ['confirm'],
            condition: "{{.steps.confirm.action == 'accept'}}",
          }),
        ],
        what,
      ),
      tool('lenient', [{ ...question, onDecline: { action: 'continue' } }], what),
    ]
    url = (await serve(stage, compositeTools, ['echo'])).ready
    await eventually(async () => expect(await toolNames(url)).toContain('deploy'))
  })

  async function asked(name: string, answer?: ElicitResult): Promise<Answer & { readonly heard: string[] }> {
    const heard: string[] = []
    const capabilities = answer === undefined ? {} : { elicitation: {} }
    const client = new Client({ name: 'composite', version: '1' }, { capabilities })
    if (answer !== undefined)
      client.setRequestHandler(ElicitRequestSchema, ({ params: { message } }) => {
        heard.push(message)
        return answer
      })
    await client.connect(new StreamableHTTPClientTransport(new URL(url)) as Transport)
    try {
      return { ...answerOf(await client.callTool({ name, arguments: { what: 'v7' } })), heard }
    } finally {
      await client.close()
    }
  }

  test('is put to the client, and later steps see the answer', async () => {
    const { structured, heard } = await asked('deploy', { action: 'accept', content: { env: 'staging' } })
    expect(heard).toEqual(['Deploy v7?'])
    expect(structured).toEqual({ text: 'v7 to staging' })
  })

  test('has its answer read by older idioms too', async () => {
    const { structured } = await asked('older', { action: 'accept', content: { env: 'staging' } })
    expect(structured).toEqual({ text: 'v7 to staging' })
  })

  test('fails the tool when it is declined, or goes on where it may', async () => {
    expect(await asked('deploy', { action: 'decline' })).toMatchObject({
      isError: true,
      text: expect.stringMatching(/^Workflow execution failed: .*declined/),
      steps: { deploy: { status: 'pending' } },
    })
    expect((await asked('lenient', { action: 'decline' })).structured).toEqual({ action: 'decline' })
  })

  test('takes no answer that does not fit', async () => {
    const failed = await asked('deploy', { action: 'accept', content: { env: 'the moon' } })
    expect(failed).toMatchObject({ isError: true, text: expect.stringContaining('env: must be one of') })
  })

  test('is a clear error for a client that cannot be asked', async () => {
    expect(await asked('deploy')).toMatchObject({
      isError: true,
      text: expect.stringMatching(/^Workflow execution failed: step 'confirm': .*elicitation/),
    })
    const modern = await run(url, 'deploy', { what: 'v7' })
    expect(modern).toMatchObject({ isError: true, text: expect.stringContaining('elicitation') })
  })
})

test('a client with a progress token hears of each step', async () => {
  const steps = [echo('one', 'x'), echo('two', 'y', { dependsOn: ['one'] })]
  const gateway = await serve(stage, [tool('steps', steps)], ['echo'])
  const client = new Client({ name: 'composite', version: '1' })
  await client.connect(new StreamableHTTPClientTransport(new URL(gateway.ready)) as Transport)
  stage.defer(() => client.close())
  const heard: [number, string | undefined][] = []
  await client.callTool({ name: 'steps', arguments: {} }, undefined, {
    onprogress: ({ progress, message }) => heard.push([progress, message]),
  })
  expect(heard).toEqual([
    [0.5, 'step 1 of 2: one'],
    [1, 'step 1 of 2: one completed'],
    [1.5, 'step 2 of 2: two'],
    [2, 'step 2 of 2: two completed'],
  ])
})
