// The Python SDK and fastmcp as clients and as backends of the gateway. Not part of `npm test`, which needs no Python.
import { execFile, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const VENV = join(ROOT, '.cache/python')
const PYTHON = join(VENV, 'bin/python')
const PACKAGES = ['mcp==2.3.0', 'fastmcp==4.2.3']
const script = (name) => join(ROOT, 'test/peers/python', name)

const WANTED = {
  echo: 'hi',
  steps: 'done',
  progress: [1, 2],
  greet: 'hello Ada',
  note: 'a note',
  ask: 'About tea?',
}
const KINDS = ['sdk', 'fastmcp']
const MODES = ['legacy', '2026-07-28']
const ERAS = ['legacy', 'modern']

function install() {
  if (!existsSync(PYTHON)) {
    mkdirSync(join(ROOT, '.cache'), { recursive: true })
    execFileSync('python3', ['-m', 'venv', VENV], { stdio: 'inherit' })
  }
  execFileSync(PYTHON, ['-m', 'pip', '-q', 'install', ...PACKAGES], { stdio: 'inherit' })
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

const configOf = (backends) => ({
  name: 'python',
  groupRef: 'python',
  backends,
  incomingAuth: { type: 'anonymous' },
  outgoingAuth: { source: 'inline' },
  aggregation: { conflictResolution: 'prefix', conflictResolutionConfig: { prefixFormat: '{workload}_' } },
})

/** A gateway before one Python server, and what ends both. */
async function open({ kind, transport, era }, folder) {
  const args = [script('server.py'), kind, transport]
  const port = transport === 'http' ? await freePort() : undefined
  const server = port && spawn(PYTHON, [...args, String(port)], { stdio: 'ignore' })
  const backend = port
    ? { name: 'py', era, transport: 'streamable-http', url: `http://127.0.0.1:${port}/mcp` }
    : { name: 'py', era, transport: 'stdio', command: PYTHON, args }
  const file = join(folder, `${kind}-${transport}-${era}.yaml`)
  writeFileSync(file, JSON.stringify(configOf([backend])))
  const serve = ['dist/vmcp.js', 'serve', '--config', file]
  const gateway = spawn(process.execPath, [...serve, '--port', '0', '--json'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const url = await new Promise((resolve, reject) => {
    gateway.once('exit', () => reject(new Error('the gateway ended')))
    createInterface({ input: gateway.stdout }).on('line', (line) => {
      const { url: found } = JSON.parse(line)
      if (found !== undefined) resolve(found)
    })
  })
  await untilHealthy(url)
  const stdio = JSON.stringify([process.execPath, join(ROOT, serve[0]), ...serve.slice(1), '--stdio'])
  return {
    targets: { http: url, stdio },
    async close() {
      gateway.kill('SIGTERM')
      server?.kill('SIGTERM')
      await sleep(100)
    },
  }
}

async function untilHealthy(url) {
  for (let n = 0; n < 200; n++) {
    const status = await (await fetch(new URL('/status', url))).json()
    if (status.healthy) return
    await sleep(100)
  }
  throw new Error('the Python server did not connect')
}

async function talk(kind, mode, target) {
  const { stdout } = await promisify(execFile)(PYTHON, [script('client.py'), kind, mode, target, 'py_'], {
    timeout: 90_000,
  })
  return JSON.parse(stdout)
}

let passed = 0
let failed = 0

function check(what, isRight, seen) {
  if (isRight) passed++
  else failed++
  process.stdout.write(
    `${isRight ? 'ok    ' : 'FAILED'} ${what}${isRight ? '' : `: ${JSON.stringify(seen)}`}\n`,
  )
}

async function checkClient(client, mode, [way, target], backend) {
  const what = `${client} client (${mode}, ${way}) of a ${backend} server`
  try {
    const seen = await talk(client, mode, target)
    // In the course of a call these servers ask clients of sessions only.
    const keys = Object.keys(WANTED).filter((key) => key !== 'greet' || !backend.endsWith('modern'))
    for (const [key, wanted] of keys.map((it) => [it, WANTED[it]]))
      check(`${what}: ${key}`, JSON.stringify(seen[key]) === JSON.stringify(wanted), seen[key])
  } catch (error) {
    check(
      what,
      false,
      String(error.stderr ?? error)
        .trim()
        .split('\n')
        .slice(-3),
    )
  }
}

install()
const folder = mkdtempSync(join(tmpdir(), 'vmcp-python-'))
const servers = KINDS.flatMap((kind) =>
  ['stdio', 'http'].flatMap((transport) => ERAS.map((era) => ({ kind, transport, era }))),
)
for (const server of servers) {
  const gateway = await open(server, folder)
  try {
    for (const client of KINDS)
      for (const mode of MODES)
        for (const target of Object.entries(gateway.targets))
          await checkClient(client, mode, target, Object.values(server).join(' '))
  } finally {
    await gateway.close()
  }
}
rmSync(folder, { recursive: true, force: true })
process.stdout.write(`\n${passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1
