import { beforeAll, describe, expect, test } from 'vitest'
import { ask, callText, eventually, toolNames } from '../fixtures/ask.ts'
import { runCli } from '../fixtures/cli.ts'
import { LegacyClient, ModernClient } from '../fixtures/client.ts'
import { closedAfterAll } from '../fixtures/closed.ts'
import { config } from '../fixtures/config.ts'
import { EmbeddingService } from '../fixtures/embedding/service.ts'
import type { Json } from '../fixtures/fixture.ts'
import { Stage } from '../fixtures/stage.ts'

const stage = closedAfterAll(new Stage())
interface Found {
  readonly tools: readonly { readonly name: string; readonly inputSchema?: object }[]
  readonly token_metrics: Readonly<Record<string, number>>
}

const COMPOSITE = {
  name: 'greet_twice',
  description: 'Says hello two times over.',
  parameters: { type: 'object', properties: { text: { type: 'string' } } },
  steps: [{ id: 'first', tool: 'echo_echo', arguments: { input: '{{.params.text}}' } }],
}

async function backends() {
  const names = ['echo', 'github', 'typed'] as const
  return Promise.all(names.map(async (name) => ({ name, url: (await stage.hosted(name)).ready })))
}

async function find(url: string, tool_description: string): Promise<Found> {
  const { message } = await ask(url, 'tools/call', { name: 'find_tool', arguments: { tool_description } })
  return message.result?.['structuredContent'] as Found
}

const callTool = (url: string, args: Json) => callText(url, 'call_tool', args)

describe('a gateway with --optimizer', () => {
  let url: string
  beforeAll(async () => {
    const served = config(await backends(), { compositeTools: [COMPOSITE] })
    url = (await stage.gateway({ config: served, args: ['--optimizer'] })).ready
  })

  test('lists exactly find_tool and call_tool, to clients of both eras', async () => {
    expect(await toolNames(url)).toEqual(['call_tool', 'find_tool'])
    const client = await LegacyClient.open(url)
    const { tools } = (await client.result('tools/list')) as { tools: { name: string }[] }
    expect(tools.map(({ name }) => name)).toEqual(['call_tool', 'find_tool'])
    await client.close()
  })

  test('finds a tool with its whole schema', async () => {
    const { tools } = await find(url, 'echo a message back')
    expect(tools[0]).toMatchObject({
      name: 'echo_echo',
      inputSchema: { type: 'object', properties: { input: {} } },
    })
  })

  test.each([
    ['flat', { tool_name: 'echo_echo', parameters: { input: 'hi there' } }],
    ['with the name among the parameters', { parameters: { tool_name: 'echo_echo', input: 'hi there' } }],
  ])('calls it, %s', async (_, args) => {
    expect(await callTool(url, args)).toContain('hi there')
    const client = await LegacyClient.open(url)
    const answer = await client.result('tools/call', { name: 'call_tool', arguments: args })
    expect(JSON.stringify(answer['content'])).toContain('hi there')
    await client.close()
  })

  test('tells what it saves', async () => {
    const { tools, token_metrics } = await find(url, 'create an issue')
    const { baseline_tokens = 0, returned_tokens = 0, savings_percent = 0 } = token_metrics
    expect(tools.length).toBeLessThanOrEqual(8)
    expect(returned_tokens).toBeLessThanOrEqual(baseline_tokens)
    expect(savings_percent).toBeCloseTo((100 * (baseline_tokens - returned_tokens)) / baseline_tokens, 2)
  })

  test('names a tool that is not there', async () => {
    const { message } = await ask(url, 'tools/call', {
      name: 'call_tool',
      arguments: { tool_name: 'no_such_tool', parameters: {} },
    })
    expect(message.result).toMatchObject({ isError: true })
    expect(JSON.stringify(message.result)).toContain('no_such_tool')
  })

  test('finds and calls composite tools', async () => {
    expect((await find(url, 'say hello two times')).tools[0]?.name).toBe('greet_twice')
    const text = await callTool(url, { tool_name: 'greet_twice', parameters: { text: 'moin' } })
    expect(text).toContain('moin')
  })
})

test('maxToolsToReturn bounds what is found, and pinned tools stay listed', async () => {
  const optimizer = { maxToolsToReturn: 1, pinned: ['echo_echo'] }
  const { ready: url } = await stage.gateway({ config: config(await backends(), { optimizer }) })
  expect(await toolNames(url)).toEqual(['call_tool', 'echo_echo', 'find_tool'])
  expect((await find(url, 'issue')).tools).toHaveLength(1)
})

test.each(['legacy', 'modern'] as const)(
  'a tool of a %s server that asks in the course of its call asks through call_tool',
  async (era) => {
    const { ready: backend } = await stage.server('rounds:asks', { era, id: era })
    const served = config([{ name: 'asks', url: backend }], { optimizer: {} })
    const { ready: url } = await stage.gateway({ config: served })
    const client = new ModernClient(url, { capabilities: { elicitation: { form: {}, url: {} } } })
    const params = {
      name: 'call_tool',
      arguments: { tool_name: 'asks_form', parameters: { about: 'it' } },
    }
    const asked = await client.result('tools/call', params)
    expect(asked['resultType']).toBe('input_required')
    const [key = ''] = Object.keys(asked['inputRequests'] as object)
    const inputResponses = { [key]: { action: 'accept', content: { value: 'yes' } } }
    const { requestState } = asked
    const done = await client.result('tools/call', { ...params, inputResponses, requestState })
    expect(done).toMatchObject({ resultType: 'complete', content: [{ text: 'accept:yes' }] })
    await client.close()
  },
)

test('an embedding service that goes leaves the words, and /status says so', async () => {
  const service = await new EmbeddingService().start()
  stage.defer(() => service.stop())
  const optimizer = { embeddingService: service.url }
  const { ready: url } = await stage.gateway({ config: config(await backends(), { optimizer }) })
  const status = async () => {
    const response = await fetch(new URL('/status', url))
    return ((await response.json()) as { optimizer: { embedding?: { status: string } } }).optimizer
  }
  await find(url, 'create an issue')
  expect(await status()).toMatchObject({ embedding: { provider: 'tei', status: 'ok' } })
  await service.stop()
  expect((await find(url, 'create an issue')).tools[0]?.name).toBe('github_create_issue')
  expect(await status()).toMatchObject({ embedding: { status: 'down' } })
  await service.start()
  await eventually(async () => {
    await find(url, 'create an issue')
    expect(await status()).toMatchObject({ embedding: { status: 'ok' } })
  })
})

test('--optimizer-embedding says what is missing, and takes the service that it is told of', async () => {
  const file = await stage.file('vmcp.yaml', config(await backends()))
  const args = ['serve', '--config', file, '--port', '0', '--optimizer-embedding']
  const missing = await runCli(args, { VMCP_EMBEDDING_SERVICE: 'http://127.0.0.1:9' })
  expect(missing.code).toBe(3)
  expect(missing.output).toContain('--optimizer-embedding needs an embedding service')
  const service = await new EmbeddingService().start()
  stage.defer(() => service.stop())
  const gateway = await stage.gateway({
    args: ['--config', file, '--optimizer-embedding'],
    env: { VMCP_EMBEDDING_SERVICE: service.url },
  })
  await find(gateway.ready, 'create an issue')
  expect(service.requests.length).toBeGreaterThan(0)
})

test('vmcp find shows in a terminal what a client would find', async () => {
  const file = await stage.file('vmcp.yaml', config(await backends()))
  const shown = await runCli(['find', 'create', 'an', 'issue', '--config', file])
  expect(shown.code).toBe(0)
  expect(shown.stdout).toMatch(/^NAME +SERVER +DESCRIPTION\ngithub_create_issue +github/)
  const json = await runCli(['find', 'create an issue', '--config', file, '--json', '--limit', '1'])
  expect(JSON.parse(json.stdout)).toMatchObject({
    tools: [{ name: 'github_create_issue', server: 'github' }],
  })
  const none = await runCli(['find', 'zzzz', '--config', file])
  expect([none.code, none.stdout.trim()]).toEqual([1, 'no tool has anything of it'])
})

test('a terminal is told why nothing is found by meaning', async () => {
  const optimizer = { embeddingProvider: 'local', embeddingModel: '/no/such/model' }
  const file = await stage.file('vmcp.yaml', config(await backends(), { optimizer }))
  const { output, code } = await runCli(['find', 'create an issue', '--config', file])
  expect(output).toMatch(/found by words only: .*(\/no\/such\/model|npm install @huggingface\/transformers)/)
  expect(output).toContain('github_create_issue')
  expect(code).toBe(0)
})

describe('a gateway with --optimizer and Cedar policies', () => {
  let gateway: Awaited<ReturnType<Stage['gateway']>>
  beforeAll(async () => {
    const permit = (name: string) =>
      `permit(principal, action == Action::"call_tool", resource == Tool::"${name}");`
    const policies = [permit('echo_echo'), permit('github_list_repos')]
    const incomingAuth = { type: 'anonymous', authz: { type: 'cedar', policies } }
    const served = config(await backends(), { incomingAuth, compositeTools: [COMPOSITE] })
    gateway = await stage.gateway({ config: served, args: ['--optimizer'] })
  })

  test.each(['legacy', 'modern'] as const)(
    'finds and runs for a %s client what is permitted, and nothing else',
    async (era) => {
      const client =
        era === 'legacy' ? await LegacyClient.open(gateway.ready) : new ModernClient(gateway.ready)
      stage.defer(() => client.close())
      const use = (name: string, args: Json) => client.request('tools/call', { name, arguments: args })
      const names = new Set<string>()
      for (const tool_description of [
        'create an issue',
        'list repositories',
        'echo a message',
        'typed tool',
        'say hello',
      ]) {
        const { message } = await use('find_tool', { tool_description })
        const found = message.result?.structuredContent as Found
        for (const { name } of found.tools) names.add(name)
      }
      expect([...names].sort()).toEqual(['echo_echo', 'github_list_repos'])
      const ran = await use('call_tool', { tool_name: 'echo_echo', parameters: { input: 'permitted' } })
      expect(ran.text).toContain('permitted')
      for (const tool_name of ['github_create_issue', 'typed_typed_tool', 'greet_twice', 'nothing']) {
        const refused = await use('call_tool', { tool_name, parameters: { title: 'x', text: 'x' } })
        expect(refused.text).not.toContain('issue_id')
        expect(refused.message.error).toEqual({ code: 403, message: 'call denied by authorization policy' })
        expect(refused.status).toBe(403)
      }
    },
  )
})
