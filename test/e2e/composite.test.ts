import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { beforeAll, describe, expect, test } from 'vitest'
import { callText, listTools, toolNames } from '../fixtures/ask.ts'
import { runCli } from '../fixtures/cli.ts'
import { closedAfterAll } from '../fixtures/closed.ts'
import { config, prefixed } from '../fixtures/config.ts'
import { STRING } from '../fixtures/fixture.ts'
import { Stage } from '../fixtures/stage.ts'
import { echo, params, property, run, serve, tool } from './composite.ts'

const stage = closedAfterAll(new Stage())
describe('a composite tool', () => {
  let url: string
  beforeAll(async () => {
    const compositeTools = [
      tool(
        'greet',
        [echo('a', '{{.params.message}}'), echo('b', '<{{.steps.a.output.text}}>', { dependsOn: ['a'] })],
        {
          parameters: params({ message: STRING }, ['message']),
        },
      ),
      tool('static', [
        {
          id: 'a',
          tool: 'typed.typed_tool',
          arguments: { str_param: 's', int_param: 42, num_param: '{{ 1.5 }}', bool_param: true },
        },
      ]),
      tool(
        'optional',
        [
          echo('a', 'live', { condition: '{{.params.run_optional}}', defaultResults: { text: 'fallback' } }),
          {
            ...echo('b', 'x', { onError: { action: 'continue' }, defaultResults: { text: 'spare' } }),
            tool: 'flaky_flaky',
            arguments: { n: 99 },
          },
        ],
        {
          parameters: params({ run_optional: { type: 'boolean', default: false } }),
          output: {
            properties: {
              a: property('{{.steps.a.output.text}}', 'string', { default: 'of the property' }),
              b: property('{{.steps.b.output.text}}', 'string', { default: 'of the property' }),
            },
          },
        },
      ),
      tool(
        'theme',
        [echo('a', 'x', { condition: 'false', defaultResults: { settings: { theme: 'dark' } } })],
        { output: { properties: { theme: property('{{.steps.a.output.settings.theme}}') } } },
      ),
      tool(
        'undecided',
        [echo('a', 'x', { condition: '{{.params.answer}}' }), echo('b', 'y', { dependsOn: ['a'] })],
        {
          parameters: params({ answer: STRING }),
        },
      ),
      tool('seven', [echo('a', 'x')], {
        parameters: params({ n: STRING }),
        output: {
          properties: { n: property('{{.params.n}}', 'integer'), said: property('{{.steps.a.output.text}}') },
          required: ['n'],
        },
      }),
    ]
    url = (await serve(stage, compositeTools, ['echo', 'typed', 'flaky'])).ready
  })

  test('is listed with its description and schemas, and runs its steps in order', async () => {
    const listed = await listTools(url)
    expect(listed.find(({ name }) => name === 'greet')).toMatchObject({
      description: 'The composite greet',
      inputSchema: { type: 'object', required: ['message'] },
      annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: true, idempotentHint: false },
    })
    const { text, structured, steps } = await run(url, 'greet', { message: 'hello' })
    expect(structured).toEqual({ text: '<hello>' })
    expect(JSON.parse(text)).toEqual({ text: '<hello>' })
    expect(steps).toMatchObject({ a: { status: 'completed', attempts: 1 }, b: { status: 'completed' } })
  })

  test('refuses arguments that do not fit its schema, and says which', async () => {
    expect(await run(url, 'greet')).toMatchObject({
      isError: true,
      text: 'Workflow execution failed: invalid arguments: message: required',
    })
    const { text } = await run(url, 'greet', { message: 3 })
    expect(text).toContain('message: must be string')
  })

  test('hands numbers and booleans on as such', async () => {
    const { structured } = await run(url, 'static')
    expect(JSON.parse(structured['text'] as string)).toEqual({
      str_param: 's',
      int_param: 42,
      num_param: 1.5,
      bool_param: true,
    })
  })

  test('takes the default results of a step that was skipped or failed, and the live ones else', async () => {
    const without = await run(url, 'optional')
    expect(without.structured).toEqual({ a: 'fallback', b: 'spare' })
    expect(without.steps).toMatchObject({ a: { status: 'skipped' }, b: { status: 'failed' } })
    expect((await run(url, 'optional', { run_optional: true })).structured).toEqual({ a: 'live', b: 'spare' })
  })

  test('reads deep into default results', async () => {
    expect((await run(url, 'theme')).structured).toEqual({ theme: 'dark' })
  })

  test('fails at a condition that is neither true nor false, which it names', async () => {
    const { isError, text, steps } = await run(url, 'undecided', { answer: 'yes' })
    expect(isError).toBe(true)
    expect(text).toMatch(/^Workflow execution failed: step 'a': condition: .*\{\{\.params\.answer\}\}.*"yes"/)
    expect(steps).toMatchObject({ a: { status: 'failed' }, b: { status: 'pending' } })
    expect((await run(url, 'undecided', { answer: 'True' })).isError).toBeUndefined()
  })

  test('gives results that satisfy the schema it advertises', async () => {
    const client = new Client({ name: 'composite', version: '1' })
    await client.connect(new StreamableHTTPClientTransport(new URL(url)) as Transport)
    stage.defer(() => client.close())
    const { tools } = await client.listTools()
    expect(tools.find(({ name }) => name === 'seven')?.outputSchema).toMatchObject({
      properties: { n: { type: 'integer' }, said: { type: 'string' } },
      required: ['n'],
    })
    // This client checks structured content against the schema that it was told.
    const result = await client.callTool({ name: 'seven', arguments: { n: '7' } })
    expect(result.structuredContent).toEqual({ n: 7, said: 'x' })
    expect((await run(url, 'seven', { n: 'many' })).isError).toBe(true)
  })
})

test('is listed and runs over tools that are all hidden, and is withdrawn alone where a tool is missing', async () => {
  const compositeTools = [
    tool('works', [echo('a', 'hidden'), { id: 'b', tool: 'echo_echo', arguments: { input: 'too' } }]),
    tool('dangles', [{ id: 'a', tool: 'echo.gone' }]),
  ]
  const { ready } = await stage.hosted('echo', { era: 'both' })
  const content = config([{ name: 'echo', url: ready }], {
    compositeTools,
    aggregation: prefixed({ excludeAllTools: true }),
  })
  const gateway = await stage.gateway({ config: content })
  expect(await toolNames(gateway.ready)).toEqual(['works'])
  expect((await run(gateway.ready, 'works')).structured).toEqual({ text: 'too' })
  await expect(callText(gateway.ready, 'echo_echo', { input: 'x' })).rejects.toThrow('not found')
  await expect(callText(gateway.ready, 'dangles')).rejects.toThrow('not found')

  const printed = await runCli(['tools', '--config', await stage.file('vmcp.yaml', content)])
  expect(printed.output).toMatch(/works\s+\(composite\)\s+listed/)
  expect(printed.output).toMatch(/dangles\s+\(composite\)\s+dropped\s+.*step 'a' calls 'echo\.gone'/)
  expect(printed.output).toMatch(/echo_echo\s+echo\s+echo\s+hidden/)
  const judged = await runCli(['validate', '--connect', '--config', await stage.file('vmcp.yaml', content)])
  expect(judged.output).toMatch(
    /vmcp\.yaml:\d+:\d+: warning: compositeTools\[1\]: dangles is withdrawn: step 'a'/,
  )
  const status = await fetch(new URL('/status', gateway.ready))
  expect(await status.json()).toMatchObject({
    composite_tools: [
      { name: 'dangles', status: 'withdrawn', reason: expect.stringContaining("'echo.gone'") },
      { name: 'works', status: 'listed' },
    ],
  })
})

test('no tool is listed when all are hidden and there is no composite tool', async () => {
  const { ready } = await stage.hosted('echo', { era: 'both' })
  const aggregation = prefixed({ excludeAllTools: true })
  const gateway = await stage.gateway({ config: config([{ name: 'echo', url: ready }], { aggregation }) })
  expect(await toolNames(gateway.ready)).toEqual([])
})
