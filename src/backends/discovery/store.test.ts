import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { stateHome } from '../../core/folders.ts'
import { addWorkload, createGroup, ownStore, removeGroup, removeWorkload, type Workload } from './store.ts'

let env: { XDG_STATE_HOME: string }

beforeEach(async () => {
  env = { XDG_STATE_HOME: await mkdtemp(join(tmpdir(), 'vmcp-store-')) }
})

afterEach(() => rm(env.XDG_STATE_HOME, { recursive: true }))

const fileOf = (group: string) => join(env.XDG_STATE_HOME, 'vmcp', 'groups', `${group}.json`)
const stdio: Workload = { transport: 'stdio', command: 'node', args: ['s.js'], env: { TOKEN: 't' } }
const http: Workload = { transport: 'streamable-http', url: 'http://localhost:1/mcp', headers: { A: 'b' } }

test('what was added is found again, sorted by name', async () => {
  await createGroup('dev', env)
  await addWorkload('dev', 'web', http, env)
  await addWorkload('dev', 'local', stdio, env)
  expect(await ownStore.groups(env)).toEqual(['dev'])
  const found = await ownStore.discover('dev', env)
  expect(found?.backends).toMatchObject([
    { name: 'local', ...stdio, metadata: { group: 'dev' }, timeoutMs: 30_000 },
    { name: 'web', ...http },
  ])
})

test('only the owner may read a group, and no lock or half-written file is left', async () => {
  await createGroup('dev', env)
  await addWorkload('dev', 'local', stdio, env)
  expect((await stat(fileOf('dev'))).mode & 0o777).toBe(0o600)
  expect((await stat(dirname(fileOf('dev')))).mode & 0o777).toBe(0o700)
  expect(await readdir(dirname(fileOf('dev')))).toEqual(['dev.json'])
})

test('writers at once lose nothing', async () => {
  await createGroup('dev', env)
  const names = Array.from({ length: 25 }, (_, index) => `w${index}`)
  await Promise.all(names.map((name) => addWorkload('dev', name, stdio, env)))
  const found = await ownStore.discover('dev', env)
  expect(found?.backends.map(({ name }) => name)).toEqual(names.sort())
})

test('workloads and groups can be removed', async () => {
  await createGroup('dev', env)
  await addWorkload('dev', 'a', stdio, env)
  await expect(removeGroup('dev', env, false)).rejects.toThrow('holds 1 workload')
  await removeWorkload('dev', 'a', env)
  expect((await ownStore.discover('dev', env))?.backends).toEqual([])
  await removeGroup('dev', env, false)
  expect(await ownStore.discover('dev', env)).toBeUndefined()
})

test('each refusal says what is known and how to mend it', async () => {
  await createGroup('dev', env)
  await addWorkload('dev', 'a', stdio, env)
  await expect(createGroup('dev', env)).rejects.toThrow("group 'dev' exists already")
  await expect(addWorkload('dev', 'a', stdio, env)).rejects.toThrow('vmcp remove a --group dev')
  await expect(addWorkload('prod', 'a', stdio, env)).rejects.toThrow(/known: dev.*vmcp group create prod/)
  await expect(removeWorkload('dev', 'b', env)).rejects.toThrow("no workload 'b' (it has: a)")
  await expect(removeGroup('prod', env, true)).rejects.toThrow("no group 'prod'")
  expect(await ownStore.groups(env)).toEqual(['dev'])
})

test.each(['../x', '..', 'a/b', 'a\\b', '.hidden', '', 'x'.repeat(64), 'a\0', 'Dev'])(
  'the group name %j never becomes a path',
  async (name) => {
    await expect(createGroup(name, env)).rejects.toMatchObject({ code: 'config' })
    await expect(ownStore.discover(name, env)).rejects.toMatchObject({ code: 'config' })
    expect(await readdir(env.XDG_STATE_HOME)).toEqual([])
  },
)

test('a workload called __proto__ or with a path in its name is refused', async () => {
  await createGroup('dev', env)
  for (const name of ['__proto__', '../x', 'a b'])
    await expect(addWorkload('dev', name, stdio, env)).rejects.toThrow('is not a workload name')
  await addWorkload('dev', 'constructor', stdio, env)
  expect((await ownStore.discover('dev', env))?.backends).toHaveLength(1)
})

test.each([
  ['{', /dev\.json is damaged: not valid JSON/],
  ['{"format":2,"workloads":{}}', /"format" is not 1/],
  ['{"format":1,"workloads":{"a":{"transport":"pipe"}}}', /"transport" of workload 'a'/],
  [
    '{"format":1,"workloads":{"a":{"transport":"stdio","command":1}}}',
    /"command" of workload 'a' is not a string/,
  ],
  [
    '{"format":1,"workloads":{"a":{"transport":"sse","url":"u","headers":{"k":1}}}}',
    /"headers".*k is not a string/,
  ],
])('a damaged file is named and left alone: %s', async (text, message) => {
  await mkdir(dirname(fileOf('dev')), { recursive: true })
  await writeFile(fileOf('dev'), text)
  await expect(ownStore.discover('dev', env)).rejects.toThrow(message)
  await expect(addWorkload('dev', 'x', stdio, env)).rejects.toThrow(message)
  expect(await readFile(fileOf('dev'), 'utf8')).toBe(text)
})

test('a relative state folder in the environment is ignored, as XDG demands', () => {
  expect(stateHome({ XDG_STATE_HOME: 'relative', HOME: '/home/me' })).toMatch(/^\/home\/me\//)
})
