import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test, vi } from 'vitest'
import { eventually } from '../../fixtures/ask.ts'
import { runCli } from '../../fixtures/cli.ts'
import { LegacyClient, ModernClient } from '../../fixtures/client.ts'
import { closedAfterAll } from '../../fixtures/closed.ts'
import { config } from '../../fixtures/config.ts'
import { type Json, STRING } from '../../fixtures/fixture.ts'
import { Idp } from '../../fixtures/idp/idp.ts'
import { type Child, Stage } from '../../fixtures/stage.ts'
import { echo, params, tool } from '../composite.ts'
import { homeOf } from '../live/served.ts'
import { bearer } from '../outgoing/callers.ts'
import { incoming } from '../outgoing/parts.ts'

// Whose a run is that was kept, and what holds for the rest of it.

vi.setConfig({ testTimeout: 60_000 })

const stage = closedAfterAll(new Stage())
let idp: Idp
let env: NodeJS.ProcessEnv
let backend: string
let folder: string
beforeAll(async () => {
  idp = await Idp.start()
  stage.defer(() => idp.close())
  env = await homeOf(stage)
  folder = await stage.folder()
  backend = (await stage.hosted('echo', { era: 'both' })).ready
})
const schema = params({ env: STRING }, ['env'])
const deploy = tool(
  'deploy',
  [
    { id: 'confirm', type: 'elicitation', message: 'Deploy {{.params.what}}?', schema },
    echo('tell', '{{.params.what}} to {{.steps.confirm.output.content.env}}', { dependsOn: ['confirm'] }),
  ],
  { parameters: params({ what: STRING }) },
)

const PERMIT_ALL = 'permit(principal, action, resource);'

async function serve(policies: string[] = [PERMIT_ALL], more: object = {}): Promise<Child> {
  const authz = { type: 'cedar', policies }
  const served = {
    compositeTools: [deploy],
    incomingAuth: { ...incoming(idp), authz },
    workflowRuns: { store: { type: 'file', path: join(folder, 'runs') } },
    audit: { logFile: join(folder, 'audit.log') },
    ...more,
  }
  const gateway = await stage.gateway({ config: config([{ name: 'echo', url: backend }], served), env })
  const client = as(gateway, await idp.token({ subject: 'ada' }))
  await eventually(async () =>
    expect(JSON.stringify(await client.result('tools/list'))).toContain('"deploy"'),
  )
  return gateway
}

function as(gateway: Child, token: string): ModernClient {
  const client = new ModernClient(gateway.ready, {
    headers: bearer(token),
    capabilities: { elicitation: {} },
  })
  stage.defer(() => client.close())
  return client
}

const called = (what: string) => ({ name: 'deploy', arguments: { what } })

async function asked(client: ModernClient, what: string): Promise<string> {
  const { requestState } = await client.result('tools/call', called(what))
  expect(requestState).toMatch(/^vmcp\.r\./)
  return requestState as string
}

const answer = (requestState: string, what: string) => ({
  ...called(what),
  requestState,
  inputResponses: { 'step:confirm': { action: 'accept', content: { env: 'staging' } } },
})

async function audited(): Promise<Json[]> {
  const text = await readFile(join(folder, 'audit.log'), 'utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Json)
}

test('a run goes on for its caller with another token, and for nobody else; the audit log says so', async () => {
  const first = await serve()
  const requestState = await asked(as(first, await idp.token({ subject: 'ada' })), 'v7')
  const run = requestState.split('.')[2]
  await first.stop('SIGKILL')

  const second = await serve()
  const eve = await as(second, await idp.token({ subject: 'eve' })).request(
    'tools/call',
    answer(requestState, 'v7'),
  )
  expect(eve.message.error).toMatchObject({
    code: -32602,
    message: expect.stringContaining('of yours waits here'),
  })
  const legacy = await LegacyClient.open(second.ready, {
    headers: bearer(await idp.token({ subject: 'eve' })),
    capabilities: { elicitation: {} },
  })
  stage.defer(() => legacy.close())
  const named = await legacy.request('tools/call', { ...called('v7'), _meta: { 'dev.vmcp/resume': run } })
  expect(named.message.error?.message).toContain('of yours waits here')

  const ada = as(second, await idp.token({ subject: 'ada' }))
  expect(await ada.result('tools/call', answer(requestState, 'v7'))).toMatchObject({
    structuredContent: { text: 'v7 to staging' },
  })
  await second.stop()
  const events = (await audited()).filter(({ target }) => (target as Json)?.['workflow_id'] === run)
  expect(events.map(({ type, metadata }) => [type, ((metadata as Json).extra as Json).resumed])).toEqual([
    ['vmcp_workflow_started', undefined],
    ['vmcp_workflow_step_started', undefined],
    ['vmcp_workflow_started', true],
    ['vmcp_workflow_step_started', undefined],
    ['vmcp_workflow_step_completed', undefined],
    ['vmcp_workflow_step_started', undefined],
    ['vmcp_workflow_step_completed', undefined],
    ['vmcp_workflow_completed', undefined],
  ])
  expect(events.every(({ subjects }) => (subjects as Json)['user_id'] === 'ada')).toBe(true)
})

test('the rest of a run needs what the policies of now permit', async () => {
  const first = await serve()
  const requestState = await asked(as(first, await idp.token({ subject: 'ada' })), 'v8')
  await first.stop('SIGKILL')
  const second = await serve([PERMIT_ALL, 'forbid(principal, action, resource == Tool::"echo_echo");'])
  const result = await as(second, await idp.token({ subject: 'ada' })).result(
    'tools/call',
    answer(requestState, 'v8'),
  )
  expect(result).toMatchObject({ isError: true })
  expect(JSON.stringify(result)).toContain("step 'tell': call denied by authorization policy")
  await second.stop()
})

test('a caller resumes in a terminal with a token, through the optimizer too', async () => {
  const first = await serve()
  const run = (await asked(as(first, await idp.token({ subject: 'ada' })), 'v9')).split('.')[2] as string
  await first.stop('SIGKILL')
  const served = {
    optimizer: {},
    incomingAuth: incoming(idp),
    compositeTools: [deploy],
    workflowRuns: { store: { type: 'file', path: join(folder, 'runs') } },
  }
  const second = await stage.gateway({ config: config([{ name: 'echo', url: backend }], served), env })
  const stranger = await runCli(
    ['runs', run, '--resume', '--token-env', 'T'],
    { ...env, T: await idp.token({ subject: 'eve' }) },
    '{"env":"moon"}\n',
  )
  expect(stranger.code).toBe(1)
  expect(stranger.output).toContain('of yours waits here')
  const ada = { ...env, T: await idp.token({ subject: 'ada' }) }
  const done = await runCli(['runs', run, '--resume', '--token-env', 'T'], ada, '{"env":"staging"}\n')
  expect(done.output).toContain('question: Deploy v9?')
  expect(JSON.parse(done.stdout)).toEqual({ text: 'v9 to staging' })
  expect((await runCli(['runs', run, '--resume', '--token-env', 'NONE'], env)).code).not.toBe(0)
  await second.stop()
})
