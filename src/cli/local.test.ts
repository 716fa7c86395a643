import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { runCli } from '../../test/fixtures/cli.ts'

// Each test starts several processes.
vi.setConfig({ testTimeout: 30_000 })

let root: string
let env: NodeJS.ProcessEnv

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'vmcp-cli-'))
  env = { HOME: root, XDG_STATE_HOME: join(root, 'state'), XDG_DATA_HOME: join(root, 'data') }
})

afterEach(() => rm(root, { recursive: true }))

const vmcp = (...args: string[]) => runCli(args, env)
const fileOf = (group: string) => join(root, 'state', 'vmcp', 'groups', `${group}.json`)

async function works(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await vmcp(...args)
  expect(stderr).toBe('')
  expect(code).toBe(0)
  return stdout
}

test('the version is printed where it is looked for', async () => {
  const asked = [['version'], ['--version'], ['-V'], ['serve', '--version']]
  const said = await Promise.all(asked.map((args) => works(...args)))
  for (const text of said) expect(text).toMatch(/^vmcp \d+\.\d+\.\d+\n$/)
})

test('a folder that cannot be made is named, with the reason', async () => {
  const { code, stderr } = await runCli(['group', 'create', 'dev'], { ...env, XDG_STATE_HOME: '/dev/null/x' })
  expect(code).toBe(1)
  expect(stderr).toBe(
    'error: cannot use /dev/null/x/vmcp/groups: a part of the path is no folder (ENOTDIR)\n',
  )
})

test('a group is made, filled, listed, emptied and removed', async () => {
  await works('group', 'create', 'dev')
  await works(
    'add',
    'fs',
    '--group',
    'dev',
    '--env',
    'A=b=c',
    '--',
    'npx',
    '-y',
    'server',
    '--json',
    '-c',
    'x',
  )
  await works(
    'add',
    'web',
    '-g',
    'dev',
    '--url',
    'https://me:pw@example.com/mcp?key=1',
    '--header',
    'X-Key=secret',
  )
  expect(JSON.parse(await readFile(fileOf('dev'), 'utf8')).workloads).toEqual({
    fs: {
      transport: 'stdio',
      command: 'npx',
      args: ['-y', 'server', '--json', '-c', 'x'],
      env: { A: 'b=c' },
    },
    web: {
      transport: 'streamable-http',
      url: 'https://me:pw@example.com/mcp?key=1',
      headers: { 'X-Key': 'secret' },
    },
  })
  expect((await stat(fileOf('dev'))).mode & 0o777).toBe(0o600)
  expect(JSON.parse(await works('list', '--json', '--group', 'dev'))).toEqual({
    backends: [
      { name: 'fs', group: 'dev', place: 'store', transport: 'stdio', target: 'npx -y server --json -c x' },
      {
        name: 'web',
        group: 'dev',
        place: 'store',
        transport: 'streamable-http',
        target: 'https://example.com/mcp?…',
      },
    ],
  })
  const listed = await works('list')
  expect(listed).toContain('npx -y server')
  for (const secret of ['pw', 'secret', 'key=1', 'b=c']) expect(listed).not.toContain(secret)
  await works('remove', 'fs', '--group', 'dev')
  expect((await vmcp('group', 'rm', 'dev')).code).toBe(3)
  await works('group', 'rm', 'dev', '--force')
  expect(JSON.parse(await works('group', 'list', '--json'))).toEqual({ groups: [] })
})

test('a command with a relative path runs where it was added', async () => {
  await works('group', 'create', 'dev')
  await works('add', 'a', '--group', 'dev', '--', 'node', './server.js')
  await works('add', 'b', '--group', 'dev', '--', 'node', 'server.js')
  const { workloads } = JSON.parse(await readFile(fileOf('dev'), 'utf8'))
  expect(workloads.a.cwd).toBe(process.cwd())
  expect(workloads.b).not.toHaveProperty('cwd')
})

test('several processes that add at once lose nothing', async () => {
  await works('group', 'create', 'dev')
  const names = Array.from({ length: 16 }, (_, index) => `w${index}`)
  const outcomes = await Promise.all(
    names.map((name) => vmcp('add', name, '--group', 'dev', '--', 'node', name)),
  )
  expect(outcomes.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
    names.map(() => ({ code: 0, stderr: '' })),
  )
  const { workloads } = JSON.parse(await readFile(fileOf('dev'), 'utf8'))
  expect(Object.keys(workloads).sort()).toEqual(names.sort())
  expect(await readdir(join(root, 'state', 'vmcp', 'groups'))).toEqual(['dev.json'])
})

test('of several processes that create one group, one does', async () => {
  const outcomes = await Promise.all(Array.from({ length: 5 }, () => vmcp('group', 'create', 'dev')))
  expect(outcomes.filter(({ code }) => code === 0)).toHaveLength(1)
  for (const { code, stderr } of outcomes)
    if (code !== 0) expect(stderr).toContain("group 'dev' exists already")
})

test.each<[string[], number, RegExp]>([
  [['add', 'x', '--group', 'dev'], 2, /either a command after -- or --url/],
  [
    ['add', 'x', '--group', 'dev', '--url', 'http://h/', '--', 'cmd'],
    2,
    /either a command after -- or --url/,
  ],
  [['add', 'x', '--group', 'dev', '--url', 'ftp://h/'], 2, /not an http or https URL/],
  [
    ['add', 'x', '--group', 'dev', '--header', 'A=b', '--', 'cmd'],
    2,
    /--header has no meaning beside a command/,
  ],
  [['add', 'x', '--group', 'dev', '--env', 'nonsense', '--', 'cmd'], 2, /expected KEY=VALUE/],
  [['add', 'x', '--', 'cmd'], 2, /required option '-g, --group <name>'/],
  [['add', 'x', '--group', 'dev', '--', 'cmd'], 3, /vmcp group create dev/],
  [['add', '../x', '--group', 'dev', '--', 'cmd'], 3, /not a workload name/],
  [['group', 'create', '../../x'], 3, /not a group name/],
  [['list', '--group', 'none'], 3, /no group 'none' \(known: none yet\)/],
  [['frobnicate'], 2, /unknown command 'frobnicate'/],
  [['serve', '--port', '70000', '--from', 'x'], 2, /expected a port from 0 to 65535/],
  [['serve', '--session-ttl', '30', '--from', 'x'], 2, /expected a time such as 30m/],
  [['serve', '--group', 'a', '--from', 'x'], 2, /exclude each other/],
  [['serve', '--group', 'a', '--config', 'x'], 2, /exclude each other/],
  [['serve', '--from', '/nowhere/mcp.json'], 3, /\/nowhere\/mcp\.json: no such file/],
  [['serve'], 2, /either --config or --group must be specified/],
  [['tools'], 2, /either --config or --group must be specified/],
  [['validate'], 2, /no configuration file specified, use --config flag/],
  [[], 2, /Usage: vmcp/],
])('%j exits with %d and says why, without a stack', async (args, code, message) => {
  const outcome = await vmcp(...args)
  expect(outcome.code).toBe(code)
  expect(outcome.stdout).toBe('')
  expect(outcome.stderr).toMatch(message)
  expect(outcome.stderr).not.toMatch(/^\s+at /m)
})

test('version and help go to stdout', async () => {
  expect(await works('version')).toMatch(/^vmcp \d+\.\d+\.\d+\n$/)
  expect(JSON.parse(await works('version', '--json'))).toMatchObject({ name: 'vmcp' })
  expect(await works('--help')).toContain('Usage: vmcp')
  expect(await works('serve', '--help')).toContain('--session-ttl')
})
