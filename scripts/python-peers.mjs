// The Python SDK and fastmcp as clients and as backends of the gateway, which the TypeScript SDK calls too. Not part of `npm test`, which needs no Python.
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
  think: 'thought much',
  roots: 'file:///home/ada',
  note: 'a note',
  ask: 'About tea?',
}
const KINDS = ['sdk', 'fastmcp']
/** Who calls, and by which program. */
const CLIENTS = [
  { program: [PYTHON, script('client.py')], kinds: KINDS },
  { program: [process.execPath, script('typescript.mjs')], kinds: ['typescript'] },
]
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
  const stdio = [process.execPath, join(ROOT, serve[0]), ...serve.slice(1), '--stdio']
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

/** What each run brought, in their order. */
async function talk([command, ...args], runs) {
  const options = { timeout: 300_000, cwd: join(ROOT, 'test/peers') }
  const { stdout } = await promisify(execFile)(command, [...args, 'py_', JSON.stringify(runs)], options)
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
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

async function checkClients({ program, kinds }, targets, backend) {
  const runs = kinds.flatMap((kind) =>
    MODES.flatMap((mode) => Object.entries(targets).map(([way, target]) => ({ kind, mode, way, target }))),
  )
  const found = await talk(
    program,
    runs.map(({ kind, mode, target }) => [kind, mode, target]),
  )
  for (const [at, { kind, mode, way }] of runs.entries()) {
    const seen = found[at] ?? {}
    for (const [key, wanted] of Object.entries(WANTED)) {
      const isRight = JSON.stringify(seen[key]) === JSON.stringify(wanted)
      check(
        `${kind} client (${mode}, ${way}) of a ${backend} server: ${key}`,
        isRight,
        seen[key] ?? seen.error,
      )
    }
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
    const backend = Object.values(server).join(' ')
    for (const clients of CLIENTS) await checkClients(clients, gateway.targets, backend)
  } finally {
    await gateway.close()
  }
}
rmSync(folder, { recursive: true, force: true })
process.stdout.write(`\n${passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1
