import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { eventually, toolNames } from '../../fixtures/ask.ts'
import { runCli } from '../../fixtures/cli.ts'
import { LegacyClient } from '../../fixtures/client.ts'
import { closedAfterEach } from '../../fixtures/closed.ts'
import { config } from '../../fixtures/config.ts'
import { CLI, Stage, serverCommand } from '../../fixtures/stage.ts'
import { health } from '../resilience/status.ts'
import { homeOf, type Served, serveFile } from './served.ts'

const stage = closedAfterEach(new Stage())

const echo = { name: 'e', transport: 'stdio' as const, ...serverCommand('echo', { era: 'legacy' }) }
const gone = { name: 'gone', url: 'http://127.0.0.1:1/mcp' }

async function served(): Promise<Served> {
  const it = await serveFile(stage, config([echo, gone]))
  await eventually(async () => expect(await toolNames(it.url)).toEqual(['e_echo']))
  await eventually(async () =>
    expect((await it.status()).backends.map(({ health }) => health)).toEqual(['healthy', 'unhealthy']),
  )
  return it
}

test('status shows a server and each backend with why it fails', async () => {
  const it = await served()
  const outcome = await it.cli('status')
  expect(outcome.code, outcome.output).toBe(0)
  expect(outcome.stdout).toContain(`at ${it.url} (pid ${it.gateway.pid}, --config ${it.file})`)
  expect(outcome.stdout).toContain('configuration: generation 1, since 20')
  expect(outcome.stdout).toMatch(
    /^BACKEND +HEALTH +BREAKER +ERA +REVISION +TRANSPORT +TOOLS +CONNECTIONS +LAST ERROR$/m,
  )
  expect(outcome.stdout).toMatch(/^e +healthy .* legacy +2025-11-25 +stdio +1 +1/m)
  expect(outcome.stdout).toMatch(/^gone +unhealthy .* connection refused/m)
})

test('status shows why a configuration was refused, each fault with its place', async () => {
  const it = await served()
  await it.edit('name: x\naggregaton: {}\n')
  await eventually(async () => expect((await it.status()).configuration.refused).toBeDefined())
  const outcome = await it.cli('status')
  expect(outcome.stdout).toMatch(/refused 20\S+: the file has \d errors; the one before is served on/)
  expect(outcome.stdout).toContain(`${it.file}:2:1: aggregaton: unknown key`)
})

test('status --json is the body of /status with more, and nothing that lets others in', async () => {
  const it = await served()
  const outcome = await it.cli('status', '--json')
  const body = JSON.parse(outcome.stdout)
  expect(body).toMatchObject({
    server: { pid: it.gateway.pid, url: it.url },
    healthy: true,
    configuration: { generation: 1 },
    backends: [
      { name: 'e', health: 'healthy', era: 'legacy', tools: 1, connections: 1 },
      { name: 'gone', health: 'unhealthy', last_error: { message: expect.stringContaining('refused') } },
    ],
  })
  expect(outcome.stdout).not.toContain('token')
})

test('status ends with 1 where no backend is healthy, and where no server runs', async () => {
  const it = await serveFile(stage, config([gone]))
  await eventually(async () => expect((await it.status()).backends[0]?.health).toBe('unhealthy'))
  expect((await it.cli('status')).code).toBe(1)
  const none = await runCli(['status'], await homeOf(stage))
  expect(none.code).toBe(1)
  expect(none.stderr).toContain('no vmcp serves')
})

test('status --watch prints a line for what changes, and ends when the server is there no more', async () => {
  const it = await served()
  const watching = spawn(process.execPath, [CLI, 'status', '--watch'], {
    env: { ...process.env, NO_COLOR: '1', ...it.env },
  })
  const exited = once(watching, 'exit')
  stage.defer(async () => {
    watching.kill()
    await exited
  })
  let shown = ''
  watching.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text
  })
  const lines = (of: string) => shown.split('\n').filter((line) => line.includes(of))
  await eventually(() => expect(lines('backend=e health=healthy')).toHaveLength(1))
  await it.edit(config([echo, { ...echo, name: 'f' }]))
  await eventually(() => expect(lines('backend=f health=healthy')).not.toEqual([]))
  expect(lines('generation=2')).not.toEqual([])
  expect(lines('backend gone is gone')).toHaveLength(1)
  expect(lines('backend=e ')).toHaveLength(1)
  await it.gateway.stop()
  expect((await exited)[0]).toBe(1)
})

test('what a process said before it ended is told to the one who runs the server, and to no client', async () => {
  const script = "process.stderr.write('Error: key sk-1234 is not valid\\n'); process.exit(4)"
  const dying = {
    name: 'dying',
    transport: 'stdio' as const,
    command: process.execPath,
    args: ['-e', script],
  }
  const it = await serveFile(stage, config([dying]))
  await eventually(async () => expect((await it.status()).backends[0]?.health).toBe('unhealthy'))
  const client = await LegacyClient.open(it.url)
  stage.defer(() => client.close())
  const { error } = (await client.request('tools/list', {})).message
  expect(error?.message).toContain("'dying': the process exited with code 4")
  const shown = JSON.stringify([error, await it.status(), await health(it.url)])
  expect(shown).toContain('exited with code 4')
  expect(shown).not.toContain('sk-1234')
  expect((await it.cli('status')).stdout).toMatch(/^dying .*exited with code 4; its last words: .*sk-1234/m)
  expect((await it.cli('tools', '--config', it.file)).stderr).toContain('its last words: Error: key sk-1234')
  expect(it.gateway.stderr()).toContain('sk-1234')
})

test('/status tells everybody the generation and the refusal, and the owner why', async () => {
  const it = await served()
  await it.edit('{')
  await eventually(async () =>
    expect((await it.status()).configuration).toMatchObject({
      generation: 1,
      refused: { message: 'the file has 1 error', at: expect.stringMatching(/^20.*Z$/) },
    }),
  )
  expect(JSON.stringify(await it.status())).not.toContain(it.file)
  expect(await it.refusal()).toContain(it.file)
})
