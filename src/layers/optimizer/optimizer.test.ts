import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../core/errors.ts'
import { restrict } from '../../core/layer.ts'
import { silent } from '../../core/log.ts'
import { RawObject } from '../../core/raw.ts'
import { composition } from '../composition/index.ts'
import { CALLER, composite, step, TestExchange, TestGateway, testTool } from '../composition/testing.ts'
import { callWith, findNames, optimized, SOME } from './testing.ts'
import { quarter } from './tokens.ts'

const { signal } = new AbortController()
const some = () => new TestGateway(...SOME)
const namesOf = async (gateway: ReturnType<typeof optimized>) =>
  (await gateway.list(CALLER, signal)).tools.map(({ name }) => name)

describe('the list', () => {
  test('is a tool that finds tools and one that calls them', async () => {
    const { tools } = await optimized(some()).list(CALLER, signal)
    expect(tools.map(({ name }) => name)).toEqual(['call_tool', 'find_tool'])
    expect(tools[0]?.definition['inputSchema']).toMatchObject({
      properties: { tool_name: { type: 'string' }, parameters: { type: 'object' } },
    })
    expect(tools[1]?.definition['inputSchema']).toMatchObject({
      properties: { tool_description: { type: 'string' }, tool_keywords: { type: 'array' } },
      required: ['tool_description'],
    })
  })

  test('tells of the servers that there are', async () => {
    const { tools } = await optimized(some()).list(CALLER, signal)
    const { description, inputSchema } = tools[1]?.definition ?? {}
    expect(description).toContain('- github (2 tools): github_create_issue, github_list_issues')
    expect(description).toContain('- slack (1 tool): slack_send_message')
    expect(inputSchema).toMatchObject({
      properties: { server: { enum: ['github', 'media', 'slack', 'weather'] } },
    })
  })

  test('has the tools that are pinned, if they are there', async () => {
    const gateway = optimized(some(), { pinned: ['slack_send_message', 'gone'] })
    expect(await namesOf(gateway)).toEqual(['call_tool', 'find_tool', 'slack_send_message'])
  })

  test('is the same object for as long as the catalogue is', async () => {
    const inner = some()
    const gateway = optimized(inner)
    const first = await gateway.list(CALLER, signal)
    expect(await gateway.list(CALLER, signal)).toBe(first)
    inner.offer([testTool('a.x')])
    expect(await gateway.list(CALLER, signal)).not.toBe(first)
  })

  test('leaves prompts and resources, and how lists may be cached, as they are', async () => {
    const inner = some()
    const [outer, own] = [await optimized(inner).list(CALLER, signal), await inner.list()]
    expect([outer.prompts, outer.resources, outer.caching]).toEqual([own.prompts, own.resources, own.caching])
  })
})

describe('find_tool', () => {
  test('answers with whole tools, as text and as structured content', async () => {
    const { content, structuredContent } = await callWith(optimized(some()), 'find_tool', {
      tool_description: 'create an issue',
    })
    expect(structuredContent.tools[0]).toEqual(SOME[0]?.item.definition)
    expect(JSON.parse(content[0]?.text ?? '')).toEqual(structuredContent)
  })

  test('says of which servers the tools are, and how many more were found', async () => {
    const { structuredContent } = await callWith(optimized(some(), { maxTools: 1 }), 'find_tool', {
      tool_description: 'issues of a repository',
    })
    expect(structuredContent.servers).toEqual({ github: ['github_list_issues'] })
    expect(structuredContent.omitted).toBeGreaterThanOrEqual(1)
  })

  test('counts the tokens that it saves', async () => {
    const { structuredContent } = await callWith(optimized(some(), { maxTools: 2 }), 'find_tool', {
      tool_description: 'issue',
    })
    const { baseline_tokens, returned_tokens, savings_percent } = structuredContent.token_metrics
    const all = SOME.map(({ item }) => quarter(JSON.stringify(item.definition)))
    expect(baseline_tokens).toBe(all.reduce((sum, it) => sum + it, 0))
    expect(returned_tokens).toBe(
      structuredContent.tools.reduce((sum, it) => sum + quarter(JSON.stringify(it)), 0),
    )
    expect(returned_tokens).toBeLessThanOrEqual(baseline_tokens)
    expect(savings_percent).toBeCloseTo((100 * (baseline_tokens - returned_tokens)) / baseline_tokens, 5)
  })

  test('without the tokenizer that it is to count with says what to install, and counts all the same', async () => {
    const said: string[] = []
    const log = { ...silent, warn: (_: object, message: string) => void said.push(message) }
    const gateway = optimized(some(), { tokenizer: 'o200k_base' }, undefined, log)
    const { structuredContent } = await callWith(gateway, 'find_tool', { tool_description: 'issue' })
    expect(structuredContent.token_metrics.baseline_tokens).toBeGreaterThan(0)
    expect(said).toEqual([expect.stringContaining('npm install gpt-tokenizer')])
  })

  test('counts nothing where there is nothing', async () => {
    const { structuredContent } = await callWith(optimized(new TestGateway()), 'find_tool', {
      tool_description: 'issue',
    })
    expect(structuredContent).toEqual({
      tools: [],
      servers: {},
      omitted: 0,
      token_metrics: { baseline_tokens: 0, returned_tokens: 0, savings_percent: 0 },
    })
  })

  test.each([
    ['name', { name: 'github_create_issue' }],
    ['summary', { name: 'github_create_issue', description: 'Create a new issue in a repository.' }],
  ])('returns as much of a tool as it is asked for: %s', async (detail, tool) => {
    const { structuredContent } = await callWith(optimized(some()), 'find_tool', {
      tool_description: 'create an issue',
      detail,
    })
    expect(structuredContent.tools[0]).toEqual(tool)
  })

  test('searches one server where it is told which', async () => {
    const { structuredContent } = await callWith(optimized(some()), 'find_tool', {
      tool_description: 'create an issue or send a message',
      server: 'slack',
    })
    expect(structuredContent.tools.map(({ name }) => name)).toEqual(['slack_send_message'])
  })

  test('takes keywords, also alone', async () => {
    const { structuredContent } = await callWith(optimized(some()), 'find_tool', {
      tool_keywords: ['forecast'],
    })
    expect(structuredContent.tools[0]?.name).toBe('weather_get_forecast')
  })

  test.each([
    [{}, 'find_tool needs tool_description: what the tool is to do'],
    [{ tool_description: 5 }, 'find_tool: tool_description must be text'],
    [{ tool_description: 'x', tool_keywords: 'y' }, 'find_tool: tool_keywords must be a list of texts'],
    [{ tool_description: 'x', detail: 'all' }, 'find_tool: detail must be one of name, summary, full'],
    [
      { tool_description: 'x', server: 'no' },
      "there is no server 'no' with tools; leave server out to search all of them",
    ],
  ])('says what is wrong with %j', async (args, sentence) => {
    const { isError, content } = await callWith(optimized(some()), 'find_tool', args)
    expect([isError, content[0]?.text]).toEqual([true, sentence])
  })

  test('finds what has come, and no longer what has gone', async () => {
    const inner = some()
    const gateway = optimized(inner)
    expect(await findNames(gateway, 'create an issue')).toContain('github_create_issue')
    inner.offer([
      testTool('jira.create_ticket', undefined, { definition: { description: 'Create an issue.' } }),
    ])
    expect(await findNames(gateway, 'create an issue')).toEqual(['jira_create_ticket'])
  })

  test('keeps integers that JavaScript has none of', async () => {
    const definition = {
      description: 'Counts far.',
      inputSchema: { maximum: '\u0000integer:9007199254740993' },
    }
    const gateway = optimized(new TestGateway(testTool('a.count', undefined, { definition })))
    const params = RawObject.of({ name: 'find_tool', arguments: { tool_description: 'count' } })
    const resolved = await gateway.resolve(CALLER, { kind: 'tool', name: 'find_tool', params }, signal)
    const { body } = await resolved.run(new TestExchange())
    expect(body.text('structuredContent')).toContain('"maximum":9007199254740993')
  })
})

describe('call_tool', () => {
  const echo = testTool('b.echo')

  test.each([
    ['with its parameters', { tool_name: 'b_echo', parameters: { text: 'hi' } }],
    ['with the name among the parameters', { parameters: { tool_name: 'b_echo', text: 'hi' } }],
    ['with the parameters beside the name', { tool_name: 'b_echo', text: 'hi' }],
    ['with the parameters as JSON in a text', { tool_name: 'b_echo', parameters: '{"text":"hi"}' }],
  ])('calls a tool %s', async (_, args) => {
    const inner = new TestGateway(echo)
    expect((await callWith(optimized(inner), 'call_tool', args)).structuredContent).toEqual({ text: 'hi' })
    expect(inner.asked[0]?.call).toMatchObject({ kind: 'tool', name: 'b_echo' })
  })

  test('without parameters calls with none', async () => {
    const answer = await callWith(optimized(new TestGateway(echo)), 'call_tool', {
      tool_name: 'b_echo',
      parameters: null,
    })
    expect(answer.structuredContent).toEqual({})
  })

  test('names what is not there', async () => {
    const { isError, content } = await callWith(optimized(some()), 'call_tool', {
      tool_name: 'nope',
      parameters: {},
    })
    expect(isError).toBe(true)
    expect(content.map(({ text }) => text)).toEqual([
      'tool not found: nope',
      'find_tool finds the names that there are',
    ])
  })

  test.each([
    [{}, 'call_tool needs tool_name: the name of a tool that find_tool has found'],
    [{ tool_name: 'b_echo', parameters: 'no' }, 'call_tool: parameters must be an object'],
    [{ tool_name: 'b_echo', parameters: [1] }, 'call_tool: parameters must be an object'],
  ])('says what is wrong with %j', async (args, sentence) => {
    const { isError, content } = await callWith(optimized(new TestGateway(echo)), 'call_tool', args)
    expect([isError, content[0]?.text]).toEqual([true, sentence])
  })

  test('passes on what else the request has, for tools that ask in the course of a call', async () => {
    const inner = new TestGateway(echo)
    const params = RawObject.of({
      name: 'call_tool',
      arguments: { tool_name: 'b_echo', parameters: { n: 1 } },
      inputResponses: { a: {} },
      requestState: 's',
      _meta: { progressToken: 7 },
    })
    await optimized(inner).resolve(CALLER, { kind: 'tool', name: 'call_tool', params }, signal)
    expect(inner.asked[0]?.call.params.parse()).toEqual({
      name: 'b_echo',
      arguments: { n: 1 },
      inputResponses: { a: {} },
      requestState: 's',
      _meta: { progressToken: 7 },
    })
  })

  test('gives back what the tool asks of the client, as it is', async () => {
    const asking = testTool('b.ask', () => ({ type: 'input_required', inputRequests: { q: {} } }))
    const gateway = optimized(new TestGateway(asking))
    const params = RawObject.of({ name: 'call_tool', arguments: { tool_name: 'b_ask', parameters: {} } })
    const resolved = await gateway.resolve(CALLER, { kind: 'tool', name: 'call_tool', params }, signal)
    expect(resolved.item.origin).toEqual({ backend: 'b', name: 'ask' })
    expect((await resolved.run(new TestExchange())).type).toBe('input_required')
  })

  test('keeps numbers as they were written', async () => {
    const inner = new TestGateway(echo)
    const bytes = Buffer.from(
      '{"name":"call_tool","arguments":{"tool_name":"b_echo","parameters":{"n":9007199254740993}}}',
    )
    const params = RawObject.scan(bytes)
    await optimized(inner).resolve(CALLER, { kind: 'tool', name: 'call_tool', params }, signal)
    expect(inner.asked[0]?.call.params.text('arguments')).toBe('{"n":9007199254740993}')
  })

  test('is what a tool may be called without, by its own name', async () => {
    const answer = await callWith(optimized(new TestGateway(echo)), 'b_echo', { text: 'hi' })
    expect(answer.structuredContent).toEqual({ text: 'hi' })
  })
})

describe('with what is below it', () => {
  const denied = () => new GatewayError('denied', 'call denied by authorization policy')
  const guarded = (inner: TestGateway) =>
    optimized(restrict((item) => item.kind !== 'tool' || !item.name.includes('issue'), denied)(inner))

  test('what a caller may not see is not found, counted or named', async () => {
    const { structuredContent } = await callWith(guarded(some()), 'find_tool', {
      tool_description: 'create an issue',
    })
    expect(JSON.stringify(structuredContent)).not.toContain('issue')
    const visible = SOME.filter(({ item }) => !item.name.includes('issue'))
    expect(structuredContent.token_metrics.baseline_tokens).toBe(
      visible.reduce((sum, { item }) => sum + quarter(JSON.stringify(item.definition)), 0),
    )
    const { tools } = await guarded(some()).list(CALLER, signal)
    expect(JSON.stringify(tools)).not.toContain('github')
  })

  test('what a caller may not call is refused as it is without it', async () => {
    const args = { tool_name: 'github_create_issue', parameters: {} }
    await expect(callWith(guarded(some()), 'call_tool', args)).rejects.toMatchObject({
      code: 'denied',
      message: 'call denied by authorization policy',
    })
  })

  test('each caller finds its own, in one gateway', async () => {
    const perCaller = restrict((item, { principal }) => item.origin.backend === principal.subject)(some())
    const gateway = optimized(perCaller)
    const find = async (subject: string) => {
      const caller = { ...CALLER, principal: { ...CALLER.principal, subject } }
      const params = RawObject.of({
        name: 'find_tool',
        arguments: { tool_description: 'issue message weather' },
      })
      const resolved = await gateway.resolve(caller, { kind: 'tool', name: 'find_tool', params }, signal)
      return (await resolved.run(new TestExchange())).body.toString()
    }
    expect(await find('slack')).toContain('slack_send_message')
    expect(await find('slack')).not.toContain('github')
    expect(await find('github')).toContain('github_create_issue')
    expect(await find('github')).not.toContain('slack')
  })

  test('composite tools are found and called', async () => {
    const tools = [composite('triage_bug', [step('s', 'b_echo', { arguments: { said: 'done' } })])]
    const gateway = optimized(composition(tools, { log: silent })(new TestGateway(testTool('b.echo'))))
    expect(await findNames(gateway, 'triage a bug')).toEqual(['triage_bug'])
    const answer = await callWith(gateway, 'call_tool', { tool_name: 'triage_bug', parameters: {} })
    expect(answer.structuredContent).toEqual({ said: 'done' })
  })
})
