import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createGroup, knownGroups, resolveGroup } from './index.ts'
import { toolhive } from './toolhive.ts'

let root: string
let env: Record<string, string>
let servers: Server[]

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'vmcp-toolhive-'))
  env = { XDG_STATE_HOME: join(root, 'state'), XDG_DATA_HOME: join(root, 'data') }
  servers = []
})

afterEach(async () => {
  for (const server of servers) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  await rm(root, { recursive: true })
})

async function put(path: string, value: unknown) {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), typeof value === 'string' ? value : JSON.stringify(value))
}

const putGroup = (name: string) => put(`state/toolhive/groups/${name}.json`, { name, registered_clients: [] })
const putWorkload = (name: string, config: object) =>
  put(`state/toolhive/runconfigs/${name}.json`, {
    schema_version: 'v0.1.0',
    name,
    host: '127.0.0.1',
    ...config,
  })
const putStatus = (name: string, status: string) =>
  put(`data/toolhive/statuses/${name}.json`, { status, process_id: 1 })

test('a group is read from the state files, each transport with its proxy URL', async () => {
  await putGroup('dev')
  await putWorkload('http', {
    transport: 'streamable-http',
    port: 1001,
    group: 'dev',
    container_labels: { team: 'x' },
  })
  await putWorkload('sse', {
    transport: 'sse',
    port: 1002,
    group: 'dev',
    container_name: 'c',
    host: '0.0.0.0',
  })
  await putWorkload('stdio', { transport: 'stdio', port: 1003, group: 'dev' })
  await putWorkload('stdio-sse', { transport: 'stdio', proxy_mode: 'sse', port: 1004, group: 'dev' })
  await putWorkload('stdio-old', { transport: 'stdio', proxy_mode: 'streamable', port: 1005, group: 'dev' })
  await putWorkload('elsewhere', { transport: 'sse', port: 1006, group: 'prod' })
  await putStatus('http', 'running')
  const found = await toolhive.discover('dev', env)
  expect(found?.backends).toMatchObject([
    {
      name: 'http',
      transport: 'streamable-http',
      url: 'http://127.0.0.1:1001/mcp',
      metadata: { team: 'x', workload_status: 'running', group: 'dev' },
    },
    { name: 'sse', transport: 'sse', url: 'http://127.0.0.1:1002/sse' },
    { name: 'stdio', transport: 'streamable-http', url: 'http://127.0.0.1:1003/mcp' },
    { name: 'stdio-old', transport: 'streamable-http', url: 'http://127.0.0.1:1005/mcp' },
    { name: 'stdio-sse', transport: 'sse', url: 'http://127.0.0.1:1004/sse' },
  ])
  expect(found?.notes).toEqual([])
})

test('what cannot be served is skipped with a reason; what is down is kept and noted', async () => {
  await putGroup('dev')
  await putWorkload('noport', { transport: 'sse', group: 'dev' })
  await putWorkload('odd', { transport: 'carrier-pigeon', port: 1, group: 'dev' })
  await putWorkload('down', { transport: 'sse', port: 2, group: 'dev' })
  await putStatus('down', 'stopped')
  await put('state/toolhive/runconfigs/broken.json', '{"group": "dev"')
  const found = await toolhive.discover('dev', env)
  expect(found?.backends).toMatchObject([{ name: 'down', metadata: { workload_status: 'stopped' } }])
  expect([...(found?.notes ?? [])].sort()).toEqual([
    expect.stringContaining("'down' is stopped; `thv start down`"),
    expect.stringContaining('"broken" is skipped: its run configuration cannot be read'),
    expect.stringContaining('"noport" is skipped: it has no URL'),
    expect.stringContaining('"odd" is skipped: transport "carrier-pigeon"'),
  ])
})

const NONCE = 'n0nce'

interface Fake {
  readonly nonce?: string
  readonly health?: number
  readonly workloads?: RequestListener
  readonly path?: string
}

/** An HTTP server of the documented shape. */
async function startApi({ nonce = NONCE, health = 204, workloads, path }: Fake = {}): Promise<string[]> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    if (request.url === '/health') response.writeHead(health, { 'X-Toolhive-Nonce': nonce }).end()
    else if (workloads !== undefined) workloads(request, response)
    else {
      response.setHeader('Content-Type', 'application/json')
      response.end(JSON.stringify({ workloads: API_WORKLOADS }))
    }
  })
  servers.push(server)
  await new Promise<void>((resolve) =>
    path === undefined ? server.listen(0, '127.0.0.1', resolve) : server.listen(path, resolve),
  )
  const url =
    path === undefined ? `http://127.0.0.1:${(server.address() as AddressInfo).port}` : `unix://${path}`
  await put('state/toolhive/server/server.json', { url, pid: 1, nonce: NONCE, started_at: 'now' })
  return asked
}

const API_WORKLOADS = [
  {
    name: 'b',
    url: 'http://127.0.0.1:7/sse#b',
    transport_type: 'stdio',
    proxy_mode: 'sse',
    status: 'running',
    group: 'dev',
    labels: { l: '1' },
  },
  {
    name: 'a',
    url: 'http://127.0.0.1:8/mcp',
    transport_type: 'streamable-http',
    status: 'running',
    group: 'dev',
  },
  { name: 'c', url: '', transport_type: 'stdio', status: 'error', group: 'dev' },
]

const FROM_API = [
  { name: 'a', transport: 'streamable-http', url: 'http://127.0.0.1:8/mcp' },
  {
    name: 'b',
    transport: 'sse',
    url: 'http://127.0.0.1:7/sse',
    metadata: { l: '1', workload_status: 'running' },
  },
]

test('a running API is asked instead of the files', async () => {
  const asked = await startApi()
  const found = await toolhive.discover('dev', env)
  expect(found?.backends).toMatchObject(FROM_API)
  expect(found?.notes).toEqual([expect.stringContaining('"c" is skipped: it has no URL')])
  expect(asked).toEqual(['/health', '/api/v1beta/workloads?group=dev&all=true'])
})

test('an API on a unix socket is asked too', async () => {
  await startApi({ path: join(root, 'api.sock') })
  expect((await toolhive.discover('dev', env))?.backends).toMatchObject(FROM_API)
})

test('a group that the API does not know is not there', async () => {
  await startApi({ workloads: (_, response) => response.writeHead(404).end() })
  expect(await toolhive.discover('dev', env)).toBeUndefined()
})

test.each<[string, Fake, RegExp]>([
  ['another program has its port', { nonce: 'other' }, /another program answers/],
  ['its container runtime is down', { health: 503 }, /not healthy \(status 503\)/],
  ['it fails', { workloads: (_, response) => response.writeHead(500).end() }, /answered 500/],
  ['it talks nonsense', { workloads: (_, response) => response.end('<html>') }, /not valid JSON/i],
  [
    'it never stops talking',
    { workloads: (_, response) => response.end('x'.repeat(5_000_000)) },
    /more than 4194304 bytes/,
  ],
])('when %s, the state files are read and a note says why', async (_, fake, note) => {
  await putGroup('dev')
  await putWorkload('x', { transport: 'sse', port: 3, group: 'dev' })
  await startApi(fake)
  const found = await toolhive.discover('dev', env)
  expect(found?.backends).toMatchObject([{ name: 'x' }])
  expect(found?.notes).toEqual([expect.stringMatching(note)])
})

test.each([
  'http://10.0.0.1:80',
  'https://127.0.0.1:80',
  'http://localhost.evil.example',
  'unix://relative',
  'gopher:x',
])('the API is never looked for at %s', async (url) => {
  await putGroup('dev')
  await put('state/toolhive/server/server.json', { url, nonce: NONCE })
  const found = await toolhive.discover('dev', env)
  expect(found?.notes).toEqual([expect.stringContaining('which is not local')])
})

test('a machine without ToolHive has no such group', async () => {
  expect(await toolhive.discover('dev', env)).toBeUndefined()
})

test('our own group wins over one of ToolHive of that name, and says so', async () => {
  await putGroup('dev')
  await putWorkload('x', { transport: 'sse', port: 3, group: 'dev' })
  await createGroup('dev', env)
  const found = await resolveGroup('dev', env)
  expect(found).toMatchObject({ place: 'store', backends: [] })
  expect(found.notes).toEqual([
    expect.stringContaining("group 'dev' exists in toolhive too; our own is used"),
  ])
})

test('a group only ToolHive has is found by name, and listed with its place', async () => {
  await putGroup('theirs')
  await createGroup('ours', env)
  expect(await resolveGroup('theirs', env)).toMatchObject({ place: 'toolhive' })
  expect(await knownGroups(env)).toEqual([
    { name: 'ours', place: 'store' },
    { name: 'theirs', place: 'toolhive' },
  ])
})

test('an unknown group is answered with the known ones and the mend', async () => {
  await putGroup('theirs')
  await createGroup('ours', env)
  await expect(resolveGroup('none', env)).rejects.toMatchObject({
    code: 'config',
    message: "there is no group 'none' (known: ours, theirs); `vmcp group create none` makes one",
  })
})
