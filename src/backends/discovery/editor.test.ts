// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the editors' own syntax
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { GatewayError } from '../../core/errors.ts'
import { editor } from './editor.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmcp-editor-'))
})

afterEach(() => rm(folder, { recursive: true }))

async function read(text: string | object, env: Record<string, string> = {}, name = 'mcp.json') {
  const path = join(folder, name)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, typeof text === 'string' ? text : JSON.stringify(text))
  return editor.discover([path], env)
}

test("Claude's and Cursor's mcpServers come out as backends with the defaults", async () => {
  const { backends, notes } = await read({
    mcpServers: {
      local: { command: 'node', args: ['server.js', '--fast'], env: { LEVEL: 'high', COUNT: 3, OFF: null } },
      remote: { url: 'https://mcp.example.com/mcp', headers: { 'X-Key': 'k' } },
      old: { type: 'sse', url: 'http://localhost:1/sse' },
    },
  })
  const defaults = {
    era: 'auto',
    connection: 'session',
    timeoutMs: 30_000,
    auth: { type: 'unauthenticated' },
    metadata: {},
  }
  expect(notes).toEqual([])
  expect(backends).toEqual([
    {
      ...defaults,
      name: 'local',
      transport: 'stdio',
      command: 'node',
      args: ['server.js', '--fast'],
      env: { LEVEL: 'high', COUNT: '3' },
      cwd: folder,
    },
    {
      ...defaults,
      name: 'remote',
      transport: 'streamable-http',
      url: 'https://mcp.example.com/mcp',
      headers: { 'X-Key': 'k' },
      caBundlePath: undefined,
    },
    {
      ...defaults,
      name: 'old',
      transport: 'sse',
      url: 'http://localhost:1/sse',
      headers: {},
      caBundlePath: undefined,
    },
  ])
})

test("VS Code's servers run in the workspace folder, comments and trailing commas are fine", async () => {
  const text = `\ufeff{
    // what VS Code writes
    "inputs": [],
    "servers": {
      "fs": { "type": "stdio", "command": "npx", "args": ["fs", "\${workspaceFolder}/docs"], "cwd": "sub", },
      "web": { "type": "http", "url": "http://127.0.0.1:9/mcp" }, /* last */
    },
  }`
  const { backends } = await read(text, {}, '.vscode/mcp.json')
  expect(backends).toMatchObject([
    { name: 'fs', args: ['fs', `${folder}/docs`], cwd: join(folder, 'sub') },
    { name: 'web', transport: 'streamable-http' },
  ])
})

test('variables are expanded wherever text stands', async () => {
  const { backends } = await read(
    {
      mcpServers: {
        one: {
          command: '${BIN}',
          args: ['--key=${env:KEY}', '${NONE:-fall-back}', '${EMPTY:-e}'],
          env: { A: '${KEY}${KEY}' },
        },
        two: { url: 'http://${HOST_NAME}/mcp', headers: { Authorization: 'Bearer ${KEY}' } },
      },
    },
    { BIN: 'node', KEY: 'k', EMPTY: '', HOST_NAME: 'localhost' },
  )
  expect(backends).toMatchObject([
    { command: 'node', args: ['--key=k', 'fall-back', 'e'], env: { A: 'kk' } },
    { url: 'http://localhost/mcp', headers: { Authorization: 'Bearer k' } },
  ])
})

test('every variable that cannot be expanded is named with its server and place, all in one go', async () => {
  const text = `{ "servers": {
  "a": { "command": "x", "args": ["ok", "--k=\${MISSING}"] },
  "b": { "url": "http://localhost", "headers": { "T": "\${input:token}", "U": "\${config:z}" } }
} }`
  const at = (variable: string) => {
    const line = text.split('\n').findIndex((one) => one.includes(variable))
    return `mcp.json:${line + 1}:${(text.split('\n')[line] ?? '').indexOf(variable) + 1}`
  }
  const error = await read(text).catch((failed: GatewayError) => failed)
  expect(error).toMatchObject({ code: 'config' })
  expect((error as GatewayError).message.split('\n')).toEqual([
    expect.stringContaining(
      `${at('${MISSING}')}: server 'a': cannot expand \${MISSING}: environment variable MISSING is not set`,
    ),
    expect.stringContaining(`${at('${input:token}')}: server 'b': cannot expand \${input:token}: the editor`),
    expect.stringContaining(`${at('${config:z}')}: server 'b': cannot expand \${config:z}: expected VAR`),
  ])
  expect(at('${MISSING}')).toBe('mcp.json:2:46')
})

test('a disabled server is skipped with a note, even when it could not be read', async () => {
  const { backends, notes } = await read({ mcpServers: { off: { command: '${NO}', disabled: true } } })
  expect(backends).toEqual([])
  expect(notes).toEqual([expect.stringContaining("server 'off' is skipped: it is disabled")])
})

test('keys that mean nothing here are noted, not refused', async () => {
  const { notes } = await read({ theme: 'dark', mcpServers: { a: { command: 'x', alwaysAllow: [] } } })
  expect(notes).toEqual([
    expect.stringContaining('ignored: theme'),
    expect.stringMatching(/mcp\.json:1:\d+: server 'a' key "alwaysAllow" is ignored/),
  ])
})

test('names that cannot begin a tool name are made plain, and a clash is refused', async () => {
  const { backends, notes } = await read({ mcpServers: { 'My Server': { command: 'x' } } })
  expect(backends[0]?.name).toBe('My_Server')
  expect(notes).toEqual([expect.stringContaining("'My Server' is served as 'My_Server'")])
  await expect(read({ mcpServers: { 'a b': { command: 'x' }, 'a/b': { command: 'x' } } })).rejects.toThrow(
    /a_b/,
  )
})

test.each([
  ['{ "mcpServers": { "a": }', /mcp\.json:1:24: value expected/],
  ['{}', /mcp\.json:1:1: expected an object "mcpServers"/],
  ['[]', /expected an object "mcpServers"/],
  ['', /mcp\.json/],
  [{ mcpServers: [] }, /expected an object "mcpServers"/],
  [{ mcpServers: { a: {} } }, /server 'a': expected a "command" or a "url"/],
  [{ mcpServers: { a: 3 } }, /server 'a': expected an object/],
  [{ mcpServers: { a: { type: 'websocket', url: 'ws://x' } } }, /expected "type" to be stdio, http/],
  [{ mcpServers: { a: { url: 'file:///etc/passwd' } } }, /"url" is not an http or https URL/],
  [{ mcpServers: { a: { command: 'x', args: 'y' } } }, /"args" is not a list/],
  [{ mcpServers: { a: { command: 'x', args: [{}] } } }, /each of "args" is not a string/],
  [{ mcpServers: { a: { command: '' } } }, /"command" is empty/],
])('what is wrong in %j is said with its place', async (text, message) => {
  await expect(read(text)).rejects.toThrow(message)
})

test('of several files the first server of a name is taken, and the other is noted', async () => {
  const one = join(folder, 'one.json')
  const two = join(folder, 'two.json')
  await writeFile(one, JSON.stringify({ mcpServers: { a: { command: 'first' } } }))
  await writeFile(two, JSON.stringify({ mcpServers: { a: { command: 'second' }, b: { command: 'third' } } }))
  const { backends, notes } = await editor.discover([one, two], {})
  expect(backends).toMatchObject([{ command: 'first' }, { command: 'third' }])
  expect(notes).toEqual([expect.stringContaining("two.json: server 'a' is left out")])
})

test('a missing file is named', async () => {
  await expect(editor.discover([join(folder, 'none.json')], {})).rejects.toMatchObject({
    code: 'config',
    message: expect.stringContaining('none.json: no such file'),
  })
})
