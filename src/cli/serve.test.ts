import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { eventually } from '../../test/fixtures/ask.ts'
import { runCli } from '../../test/fixtures/cli.ts'
import { descendantsOf, isAlive } from '../../test/fixtures/processes.ts'
import { CLI, serverCommand } from '../../test/fixtures/stage.ts'

// Each test starts several processes.
vi.setConfig({ testTimeout: 30_000 })

let root: string
let file: string
let started: ChildProcess[]

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'vmcp-serve-'))
  file = join(root, 'mcp.json')
  started = []
  await serveOf({
    one: serverCommand('echo', { era: 'legacy' }),
    two: serverCommand('github', { era: 'legacy' }),
  })
})

afterEach(async () => {
  for (const child of started) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  await rm(root, { recursive: true })
})

const serveOf = (mcpServers: object) => writeFile(file, JSON.stringify({ mcpServers }))

const soon = (check: () => void) => eventually(check, 20_000)

/** Starts `vmcp serve --from` and gathers what it writes. */
function serve({ args = ['--port', '0'], nodeArgs = [] }: { args?: string[]; nodeArgs?: string[] } = {}) {
  const child = spawn(process.execPath, [...nodeArgs, CLI, 'serve', '--from', file, ...args], {
    env: { ...process.env, NO_COLOR: '1' },
  })
  started.push(child)
  const written = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    written.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    written.stderr += text
  })
  const exited = once(child, 'close').then(([code, signal]) => code ?? signal)
  return { child, written, exited, children: () => descendantsOf(child.pid as number) }
}

/** Both backends connected. */
async function ready({ written }: ReturnType<typeof serve>) {
  await soon(() => expect(written.stderr.match(/backend connected/g)).toHaveLength(2))
}

test('a newcomer sees the address, the backends and what to paste where', async () => {
  const served = serve()
  await soon(() => expect(served.written.stdout).toContain('Ctrl-C'))
  const { stdout } = served.written
  const url = /http:\/\/127\.0\.0\.1:\d+\/mcp/.exec(stdout)?.[0] ?? 'none'
  expect(stdout).toMatch(/^BACKEND +TRANSPORT +ERA +TOOLS +RESOURCES +PROMPTS +STATE$/m)
  expect(stdout).toMatch(/^one +stdio +legacy +1 +0 +0 +ready$/m)
  expect(stdout).toContain(`claude mcp add --transport http vmcp ${url}`)
  expect(stdout).toContain(`{"servers":{"vmcp":{"type":"http","url":"${url}"}}}`)
  expect(stdout).not.toContain('\u001b')
})

test('a backend that is down is in the table with its reason', async () => {
  await serveOf({ gone: { command: join(root, 'no-such-program') } })
  const served = serve()
  await soon(() => expect(served.written.stdout).toMatch(/^gone +stdio +- .* failed .*no-such-program/m))
})

test('--json prints one object per event', async () => {
  const served = serve({ args: ['--port', '0', '--json'] })
  await soon(() => expect(served.written.stdout).toContain('"backends"'))
  served.child.kill('SIGTERM')
  expect(await served.exited).toBe(0)
  const events = served.written.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(events).toMatchObject([
    { event: 'listening', url: expect.stringMatching(/^http:/) },
    {
      event: 'backends',
      backends: [
        { name: 'one', state: 'ready', tools: 1 },
        { name: 'two', tools: 2 },
      ],
    },
    { event: 'stopped' },
  ])
})

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends it and every child', async (signal) => {
  const served = serve()
  await ready(served)
  const children = served.children()
  expect(children.length).toBeGreaterThanOrEqual(2)
  served.child.kill(signal)
  expect(await served.exited).toBe(0)
  expect(children.filter(isAlive)).toEqual([])
})

/** A server that connects and then heeds neither the end of its input nor SIGTERM. */
const STUBBORN = `
process.on('SIGTERM', () => {})
setInterval(() => {}, 1000)
process.stdin.on('data', (text) => {
  for (const line of String(text).split('\\n').filter(Boolean)) {
    const { id, method } = JSON.parse(line)
    const result = method === 'initialize'
      ? { protocolVersion: '2025-06-18', capabilities: {}, serverInfo: { name: 's', version: '1' } } : {}
    if (id !== undefined) console.log(JSON.stringify({ jsonrpc: '2.0', id, result }))
  }
})`

test('a second signal ends at once, and a child that does not want to end is ended', async () => {
  await serveOf({ stubborn: { command: process.execPath, args: ['-e', STUBBORN] } })
  const served = serve()
  await soon(() => expect(served.written.stderr).toContain('backend connected'))
  const children = served.children()
  served.child.kill('SIGINT')
  await soon(() => expect(served.written.stderr).toContain('stopping'))
  expect(served.child.exitCode).toBeNull()
  const before = performance.now()
  served.child.kill('SIGINT')
  expect(await served.exited).toBe(130)
  expect(performance.now() - before).toBeLessThan(500)
  await soon(() => expect(children.filter(isAlive)).toEqual([]))
})

test('a child that does not want to end delays the end by less than 10 s', async () => {
  await serveOf({ stubborn: { command: process.execPath, args: ['-e', STUBBORN] } })
  const served = serve()
  await soon(() => expect(served.written.stderr).toContain('backend connected'))
  const children = served.children()
  served.child.kill('SIGTERM')
  expect(await served.exited).toBe(0)
  await soon(() => expect(children.filter(isAlive)).toEqual([]))
})

test('an error that nobody caught ends it and every child, without a stack', async () => {
  const bomb = "process.on('SIGUSR2', () => { throw new Error('boom') })"
  const served = serve({ nodeArgs: ['--import', `data:text/javascript,${encodeURIComponent(bomb)}`] })
  await ready(served)
  const children = served.children()
  served.child.kill('SIGUSR2')
  expect(await served.exited).toBe(1)
  expect(children.filter(isAlive)).toEqual([])
  expect(served.written.stderr).toContain('boom')
  expect(served.written.stderr).not.toMatch(/^\s+at /m)
})

test('on stdio it speaks the protocol on stdout only, and ends with its input', async () => {
  const served = serve({ args: ['--stdio'] })
  await ready(served)
  const children = served.children()
  const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } }
  served.child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })}\n`)
  await soon(() => expect(served.written.stdout).toContain('"serverInfo"'))
  await soon(() => expect(served.written.stderr).toContain('BACKEND'))
  served.child.stdin.end()
  expect(await served.exited).toBe(0)
  for (const line of served.written.stdout.trim().split('\n')) expect(JSON.parse(line).jsonrpc).toBe('2.0')
  expect(children.filter(isAlive)).toEqual([])
})

test('a reader of its output that goes away does not end it', async () => {
  const served = serve()
  served.child.stdout.destroy()
  await ready(served)
  served.child.kill('SIGTERM')
  expect(await served.exited).toBe(0)
})

test('a port that is taken is named, and nothing is left running', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  const outcome = await runCli(['serve', '--from', file, '--port', String(port)])
  taken.close()
  expect(outcome.code).toBe(3)
  expect(outcome.stderr).toContain(`port ${port}`)
  expect(outcome.stderr).not.toMatch(/^\s+at /m)
})
