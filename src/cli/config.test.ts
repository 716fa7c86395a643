import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { runCli } from '../../test/fixtures/cli.ts'
import { serverCommand } from '../../test/fixtures/stage.ts'

// Each test starts several processes.
vi.setConfig({ testTimeout: 30_000 })

let root: string
let env: NodeJS.ProcessEnv

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'vmcp-config-'))
  env = { HOME: root, XDG_STATE_HOME: join(root, 'state'), XDG_DATA_HOME: join(root, 'data') }
})

afterEach(() => rm(root, { recursive: true }))

const vmcp = (...args: string[]) => runCli(args, env)

async function put(content: object): Promise<string> {
  const file = join(root, 'vmcp.yaml')
  await writeFile(file, JSON.stringify(content, null, 2))
  return file
}

const github = () => ({ name: 'github', transport: 'stdio', ...serverCommand('github', { era: 'legacy' }) })
const jira = () => ({ name: 'jira', transport: 'stdio', ...serverCommand('jira', { era: 'legacy' }) })

function config(rest: object = {}) {
  return {
    name: 'shop',
    groupRef: 'tools',
    backends: [github(), jira()],
    incomingAuth: { type: 'anonymous' },
    outgoingAuth: { source: 'inline', default: { type: 'unauthenticated' } },
    aggregation: { conflictResolution: 'prefix', conflictResolutionConfig: { prefixFormat: '{workload}_' } },
    ...rest,
  }
}

test('validate says what it understood', async () => {
  const { code, stdout, stderr } = await vmcp('validate', '--config', await put(config()))
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout.split('\n')).toEqual([
    '✓ Configuration is valid',
    '  Name: shop',
    '  Group: tools',
    '  Incoming Auth: anonymous',
    '  Outgoing Auth: default only, inline',
    '  Conflict Resolution: prefix',
    '  Composite Tools: 0',
    '',
  ])
})

test('--config may stand before the command, and the file may be an argument', async () => {
  const file = await put(config())
  expect((await vmcp('-c', file, 'validate')).code).toBe(0)
  expect((await vmcp('validate', file)).code).toBe(0)
})

test('every mistake is printed with its place, to stderr, and to stdout as JSON', async () => {
  const file = await put({ ...config(), aggregaton: {}, nonsense: 1 })
  const text = await vmcp('validate', '--config', file)
  expect(text.code).toBe(3)
  expect(text.stdout).toBe('')
  expect(text.stderr).toMatch(/vmcp\.yaml:\d+:\d+: error: aggregaton/)
  expect(text.stderr).toContain('nonsense')
  const json = await vmcp('validate', '--json', '--config', file)
  expect(json.code).toBe(3)
  expect(JSON.parse(json.stdout)).toMatchObject({
    valid: false,
    diagnostics: [{ path: 'aggregaton', severity: 'error' }, { path: 'nonsense' }],
  })
})

test('a missing file is a configuration mistake', async () => {
  const { code, stderr } = await vmcp('validate', '--config', join(root, 'none.yaml'))
  expect(code).toBe(3)
  expect(stderr).toMatch(/none\.yaml: error: .*no such file/)
})

test('serve refuses what validate refuses', async () => {
  const file = await put({ ...config(), nonsense: 1 })
  const [served, validated] = [
    await vmcp('serve', '--config', file),
    await vmcp('validate', '--config', file),
  ]
  expect(served.code).toBe(3)
  expect(served.stderr).toBe(validated.stderr)
})

test('--connect finds conflicts that nobody decided, all of them', async () => {
  const aggregation = {
    conflictResolution: 'manual',
    conflictResolutionConfig: {},
    tools: [{ workload: 'jira' }],
  }
  const file = await put(config({ aggregation }))
  expect((await vmcp('validate', '--config', file)).code).toBe(0)
  const { code, stderr } = await vmcp('validate', '--connect', '--config', file)
  expect(code).toBe(3)
  expect(stderr).toMatch(/error: aggregation: tool name 'create_issue' is claimed by github and jira/)
})

test('--connect warns of a filter that matches nothing and of a backend that is down', async () => {
  const down = { name: 'down', transport: 'stdio', command: join(root, 'no-such-program') }
  const aggregation = {
    ...config().aggregation,
    tools: [{ workload: 'github', filter: ['no_such_tool'] }],
  }
  const file = await put(config({ backends: [github(), down], aggregation }))
  const { code, stdout, stderr } = await vmcp('validate', '--connect', '--config', file)
  expect(code).toBe(0)
  expect(stdout).toContain('✓ Configuration is valid')
  expect(stderr).toMatch(/warning: .*no_such_tool/)
  expect(stderr).toMatch(/warning: backend 'down' is down: .*no-such-program/)
})

test('a configuration without backends serves those of its group; one unknown here is warned of', async () => {
  const { backends: _, ...rest } = config()
  const file = await put(rest)
  const warned = await vmcp('validate', '--config', file)
  expect(warned.code).toBe(0)
  expect(warned.stderr).toMatch(/vmcp\.yaml:3:\d+: warning: groupRef: serve would fail .*no group 'tools'/)
  expect((await vmcp('serve', '--config', file)).code).toBe(3)
  await vmcp('group', 'create', 'tools')
  await vmcp('add', 'gh', '--group', 'tools', '--', github().command, ...github().args)
  const { code, stdout } = await vmcp('tools', '--json', '--config', file)
  expect(code).toBe(0)
  expect(JSON.parse(stdout).backends).toMatchObject([{ name: 'gh', state: 'ready', tools: 2 }])
})

test('tools says where each entry comes from, and what clients do not get and why', async () => {
  const aggregation = {
    conflictResolution: 'priority',
    conflictResolutionConfig: { priorityOrder: ['jira', 'github'] },
    tools: [{ workload: 'github', overrides: { list_repos: { name: 'repos' } } }],
  }
  const file = await put(config({ aggregation }))
  const { code, stdout, stderr } = await vmcp('tools', '--config', file)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/^KIND +NAME +BACKEND +ITS NAME +STATUS +REASON$/m)
  expect(stdout).toMatch(/^tool +create_issue +jira +listed$/m)
  expect(stdout).toMatch(/^tool +create_issue +github +dropped +.*jira/m)
  expect(stdout).toMatch(/^tool +repos +github +list_repos +listed/m)
  const json = JSON.parse((await vmcp('tools', '--json', '--config', file)).stdout)
  expect(json.entries).toContainEqual(
    expect.objectContaining({
      kind: 'tool',
      name: 'repos',
      backend: 'github',
      ownName: 'list_repos',
      status: 'listed',
    }),
  )
})

test('explain says of one name why clients get it, or do not', async () => {
  const down = { name: 'down', transport: 'stdio', command: join(root, 'no-such-program') }
  const tools = [{ workload: 'github', filter: ['create_issue'] }]
  const aggregation = { ...config().aggregation, tools }
  const file = await put(config({ backends: [github(), jira(), down], aggregation }))
  const [own, hidden, near] = await Promise.all(
    ['create_issue', 'github_list_repos', 'jira_create_isue'].map((name) =>
      vmcp('explain', name, '--config', file),
    ),
  )
  expect([own?.code, own?.stdout.split('\n')]).toEqual([
    0,
    [
      "tool 'github_create_issue' is listed: from backend 'github', which calls it 'create_issue'",
      "tool 'jira_create_issue' is listed: from backend 'jira', which calls it 'create_issue'",
      '',
    ],
  ])
  expect([hidden?.code, hidden?.stdout]).toEqual([1, expect.stringContaining("the filter of 'github' does")])
  expect([near?.code, near?.stdout]).toEqual([
    1,
    "no backend that answered has anything called 'jira_create_isue'; did you mean jira_create_issue?\n",
  ])
  expect(near?.stderr).toMatch(/^backend 'down' is down: (?!backend)/)
  expect(
    JSON.parse((await vmcp('explain', 'create_issue', '--json', '--config', file)).stdout),
  ).toMatchObject({
    name: 'create_issue',
    entries: [{ name: 'github_create_issue' }, { name: 'jira_create_issue' }],
    missing: [{ name: 'down' }],
  })
})

test('validate warns of names that no backend has, also without connecting', async () => {
  const outgoingAuth = { source: 'inline', backends: { githb: { type: 'unauthenticated' } } }
  const { code, stderr } = await vmcp('validate', '--config', await put(config({ outgoingAuth })))
  expect(code).toBe(0)
  expect(stderr).toMatch(/:\d+:\d+: warning: outgoingAuth.backends.githb: there is no backend "githb"/)
  expect(stderr).toContain('did you mean github?')
  const served = await vmcp('tools', '--config', await put(config({ outgoingAuth })))
  expect(served.stderr).toContain('there is no backend "githb"')
})

test('validate finds what serve would not find on this machine, at its line', async () => {
  const pem = join(root, 'ca.pem')
  await writeFile(pem, 'no certificate')
  const oidc = { issuer: 'https://idp.example', audience: 'a', resource: 'https://m.example/mcp' }
  const file = await put(
    config({
      incomingAuth: { type: 'oidc', oidc: { ...oidc, caBundlePath: pem } },
      telemetry: { endpoint: 'localhost:4317', tracingEnabled: true, caCertPath: join(root, 'none.pem') },
      audit: { logFile: join(root, 'none', 'audit.log') },
    }),
  )
  const { code, stderr } = await vmcp('validate', '--config', file)
  expect(code).toBe(3)
  const place = ':\\d+:\\d+: '
  for (const said of [
    `${place}error: incomingAuth.oidc.caBundlePath: .*ca.pem holds no certificate in PEM`,
    `${place}error: telemetry.caCertPath: cannot read .*none.pem \\(ENOENT\\)`,
    `${place}warning: audit.logFile: serve would fail on this machine: there is no folder .*none`,
  ])
    expect(stderr).toMatch(new RegExp(said))
  expect(await readdir(root)).not.toContain('none')
})

test('tools fails when no backend answers, and names each', async () => {
  const down = { name: 'down', transport: 'stdio', command: join(root, 'no-such-program') }
  const { code, stdout, stderr } = await vmcp('tools', '--config', await put(config({ backends: [down] })))
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(/down: backend 'down' is down: .*no-such-program/)
})

test('a configuration that lets everybody in does not listen beyond loopback unasked', async () => {
  const { code, stderr } = await vmcp('serve', '--config', await put(config()), '--host', '0.0.0.0')
  expect(code).toBe(2)
  expect(stderr).toContain('--allow-anonymous-remote')
})

test('init writes a private file once, with the schema that its first line refers editors to', async () => {
  await vmcp('group', 'create', 'tools')
  await vmcp('add', 'web', '--group', 'tools', '--url', 'http://127.0.0.1:1/mcp')
  const folder = join(root, 'out')
  const file = join(folder, 'vmcp.yaml')
  const written = await vmcp('init', '-g', 'tools', '-o', file)
  expect(written.code).toBe(0)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect((await readdir(folder)).sort()).toEqual(['vmcp.schema.json', 'vmcp.yaml'])
  expect(await readFile(file, 'utf8')).toMatch(/^# yaml-language-server: \$schema=\.\/vmcp\.schema\.json\n/)
  const schema = await vmcp('schema')
  expect(await readFile(join(folder, 'vmcp.schema.json'), 'utf8')).toBe(schema.stdout)
  expect((await vmcp('validate', '--config', file)).code).toBe(0)

  await writeFile(file, 'mine')
  const again = await vmcp('init', '-g', 'tools', '-o', file)
  expect(again.code).toBe(1)
  expect(again.stderr).toContain('--force replaces it')
  expect(await readFile(file, 'utf8')).toBe('mine')
  expect((await vmcp('init', '-g', 'tools', '-o', file, '--force')).code).toBe(0)
  expect((await vmcp('init', '-g', 'tools')).stdout).toBe(await readFile(file, 'utf8'))
})
