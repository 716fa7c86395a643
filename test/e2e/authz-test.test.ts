import { dirname } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { runCli } from '../fixtures/cli.ts'
import { closedAfterAll } from '../fixtures/closed.ts'
import { config } from '../fixtures/config.ts'
import { Stage } from '../fixtures/stage.ts'
import { echo, tool } from './composite.ts'

const stage = closedAfterAll(new Stage())
const POLICIES = [
  'permit(principal in THVGroup::"staff", action == Action::"call_tool", resource == Tool::"echo_echo")\n  when { resource.arg_input == "please" };',
  'permit(principal, action == Action::"read_resource", resource == Resource::"doc://open");',
  'permit(principal, action == Action::"get_prompt", resource == Prompt::"greet") when { principal.claim_age > 17 };',
  'permit(principal, action == Action::"call_tool", resource == Tool::"twice");',
  'permit(principal, action == Action::"call_tool", resource in Backend::"rich") when { resource has readOnlyHint && resource.readOnlyHint };',
]

let file: string
let policyFile: string

beforeAll(async () => {
  const echoes = await stage.hosted('echo', { era: 'both' })
  const rich = await stage.server('wire:rich', { era: 'both' })
  policyFile = await stage.file(
    'more.cedar',
    '// nobody\nforbid(principal == Client::"mallory", action, resource);\n',
  )
  const authz = { type: 'cedar', policies: POLICIES, policyFiles: [policyFile] }
  const backends = [
    { name: 'echo', url: echoes.ready },
    { name: 'rich', url: rich.ready },
  ]
  const compositeTools = [tool('twice', [echo('a', 'please')])]
  file = await stage.file(
    'vmcp.json',
    config(backends, { incomingAuth: { type: 'anonymous', authz }, compositeTools }),
  )
})

const NONE = [{ name: 'none', url: 'http://127.0.0.1:9/mcp' }]
const STAFF = JSON.stringify({ sub: 'alice', groups: ['staff'] })

function ask(...args: string[]) {
  return runCli(['authz', 'test', '--config', file, ...args])
}

async function askJson(...args: string[]) {
  const { code, stdout } = await ask(...args, '--json')
  return { code, answer: JSON.parse(stdout) }
}

test('what is allowed is said with the policy that permits it and the line it stands on', async () => {
  const call = ['--claims', STAFF, '--tool', 'echo_echo', '--args', '{"input":"please"}']
  const { code, stdout } = await ask(...call)
  expect(code).toBe(0)
  expect(stdout).toContain('allowed: Client::"alice" call_tool Tool::"echo_echo"')
  expect(stdout).toMatch(/applies: permit at .*vmcp\.json:\d+:\d+/)
  expect(stdout).toContain('principal in THVGroup::"staff"')
  const { answer } = await askJson(...call)
  expect(answer).toMatchObject({ decision: 'allow', listed: 'allow', errors: [] })
  expect(answer.applied).toEqual([
    expect.objectContaining({ effect: 'permit', file, place: 'incomingAuth.authz.policies[0]' }),
  ])
})

test('what is denied exits with 1 and says why: nobody permits it, it is forbidden, or a policy fails', async () => {
  const args = ['--backend', 'echo', '--tool', 'echo_echo', '--args', '{"input":"now"}']
  const unpermitted = await ask('--claims', STAFF, ...args)
  expect([unpermitted.code, unpermitted.output]).toEqual([1, expect.stringContaining('no policy permits it')])
  expect(unpermitted.output).toContain('listed: yes')

  const stranger = await askJson(...args)
  expect(stranger).toMatchObject({ code: 1, answer: { decision: 'deny', listed: 'deny', applied: [] } })

  const forbidden = await askJson('--claims', '{"sub":"mallory"}', '--resource', 'doc://open')
  expect(forbidden.code).toBe(1)
  expect(forbidden.answer.applied[0]).toMatchObject({
    effect: 'forbid',
    file: policyFile,
    line: 2,
    column: 1,
  })

  const failing = await ask('--claims', '{"sub":"bob","age":"old"}', '--prompt', 'greet')
  expect([failing.code, failing.output]).toEqual([1, expect.stringContaining('error in permit at')])
  expect(failing.output).toContain('type error')
})

test('prompts, resources and composite tools are judged too', async () => {
  expect((await ask('--prompt', 'greet', '--claims', '{"sub":"bob","age":18}')).code).toBe(0)
  expect((await ask('--resource', 'doc://open')).code).toBe(0)
  expect((await ask('--resource', 'doc://shut')).code).toBe(1)
  expect((await ask('--tool', 'twice')).code).toBe(0)
})

test('annotations and the backend are left open until they are given, or asked for', async () => {
  const open = await askJson('--tool', 'rich_tool')
  expect(open.code).toBe(1)
  expect(open.answer).toMatchObject({ decision: 'maybe', byBackend: { echo: 'deny', rich: 'maybe' } })
  expect(open.answer.open).toEqual([expect.objectContaining({ place: 'incomingAuth.authz.policies[4]' })])
  const given = ['--backend', 'rich', '--annotations', '{"readOnlyHint":true}']
  expect(await askJson('--tool', 'rich_tool', ...given)).toMatchObject({
    code: 0,
    answer: { decision: 'allow', open: [] },
  })
  const asked = await askJson('--tool', 'rich_rich_tool', '--connect')
  expect(asked).toMatchObject({ code: 0, answer: { decision: 'allow', listed: 'allow', open: [] } })
  const plain = await askJson('--tool', 'rich_text_only', '--connect')
  expect(plain).toMatchObject({ code: 1, answer: { decision: 'deny', listed: 'deny', open: [] } })
  const absent = await ask('--tool', 'there_is_none', '--connect')
  expect([absent.code, absent.output]).toEqual([1, expect.stringContaining("'there_is_none' not found")])
})

test('a configuration that is wrong exits with 3, a command line that is wrong with 2', async () => {
  const broken = await stage.file(
    'broken.json',
    config(NONE, {
      incomingAuth: { type: 'anonymous', authz: { type: 'cedar', policies: ['permit(principal);'] } },
    }),
  )
  expect((await runCli(['authz', 'test', '--config', broken, '--tool', 'x'])).code).toBe(3)
  const without = await stage.file('without.json', config(NONE))
  const none = await runCli(['authz', 'test', '--config', without, '--tool', 'x'])
  expect([none.code, none.output]).toEqual([3, expect.stringContaining('no policies')])
  expect((await ask()).code).toBe(2)
  expect((await ask('--tool', 'x', '--prompt', 'y')).code).toBe(2)
  expect((await ask('--tool', 'x', '--claims', '[]')).code).toBe(2)
  expect((await ask('--tool', 'x', '--claims', '{"name":"x"}')).code).toBe(2)
  expect((await ask('--tool', 'x', '--backend', 'nobody')).code).toBe(2)
  expect((await ask('--tool', 'x', '--args', `@${dirname(file)}/absent.json`)).code).toBe(2)
})
