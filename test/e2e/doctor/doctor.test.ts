import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { beforeEach, expect, test } from 'vitest'
import { eventually, toolNames } from '../../fixtures/ask.ts'
import { runCli } from '../../fixtures/cli.ts'
import { closedAfterEach } from '../../fixtures/closed.ts'
import { config, prefixed } from '../../fixtures/config.ts'
import { descendantsOf } from '../../fixtures/processes.ts'
import { Stage, serverCommand } from '../../fixtures/stage.ts'
import { homeOf } from '../live/served.ts'

const stage = closedAfterEach(new Stage())
let env: NodeJS.ProcessEnv

beforeEach(async () => {
  env = await homeOf(stage)
})

const echo = { name: 'e', transport: 'stdio' as const, ...serverCommand('echo', { era: 'legacy' }) }

async function doctor(content: object | string, ...args: string[]) {
  const file = await stage.file('vmcp.yaml', content)
  // Tests share the machine's ports.
  return { file, ...(await runCli(['doctor', '--config', file, '--port', '0', ...args], env)) }
}

test('all is well', async () => {
  const { ready: url } = await stage.hosted('github', { era: 'modern' })
  const outcome = await doctor(config([echo, { name: 'github', url }]))
  expect(outcome.code, outcome.output).toBe(0)
  expect(outcome.stdout).toMatch(/^✓ Node \d+/)
  expect(outcome.stdout).toContain('✓ the configuration is valid')
  expect(outcome.stdout).toMatch(/^✓ e: legacy, 2025-11-25, 1 tools, \d+\.\d s$/m)
  expect(outcome.stdout).toMatch(/^✓ github: modern, 2026-07-28, 2 tools, /m)
  expect(outcome.stdout).toContain('2 of 2 backends work')
  expect(descendantsOf(process.pid).length).toBeLessThan(10)
})

test('each backend that fails has its reason and what to do, and the others are well', async () => {
  const broken = [
    { name: 'gone', url: 'http://127.0.0.1:1/mcp' },
    { name: 'nowhere', url: 'http://no-such-host.invalid/mcp' },
    { name: 'absent', transport: 'stdio' as const, command: 'no-such-program' },
  ]
  const outcome = await doctor(config([echo, ...broken]), '--wait', '5s')
  expect(outcome.code).toBe(1)
  expect(outcome.stdout).toMatch(/^✗ gone: nothing listens at 127\.0\.0\.1 port 1\n {4}start the server/m)
  expect(outcome.stdout).toMatch(/^✗ nowhere: the name no-such-host\.invalid cannot be resolved\n {4}/m)
  expect(outcome.stdout).toMatch(/^✗ absent: there is no program no-such-program\n {4}install it/m)
  expect(outcome.stdout).toContain('1 of 4 backends work')
})

test('--json is the same for programs', async () => {
  const outcome = await doctor(config([echo, { name: 'gone', url: 'http://127.0.0.1:1/mcp' }]), '--json')
  expect(outcome.code).toBe(1)
  expect(JSON.parse(outcome.stdout)).toMatchObject({
    ok: false,
    diagnostics: [],
    machine: [{ ok: true }, { ok: true }],
    backends: [
      { backend: 'e', works: true, era: 'legacy', tools: 1 },
      { backend: 'gone', works: false, finding: { problem: 'refused' } },
    ],
  })
})

test('a configuration that is wrong is shown with its places, and one that is odd is warned of', async () => {
  const wrong = await doctor('name: x\naggregaton: {}\n')
  expect(wrong.code).toBe(1)
  expect(wrong.stdout).toContain('✗ the configuration is not valid')
  expect(wrong.stdout).toContain(`${wrong.file}:2:1: error: aggregaton: unknown key`)
  const tools = [{ workload: 'e', filter: ['ecoh'] }]
  const odd = await doctor(config([echo], { aggregation: prefixed({ tools }) }))
  expect(odd.code, odd.output).toBe(0)
  expect(odd.stdout).toMatch(/warning: aggregation\.tools\[0\]\.filter\[0\]: no tool is called "ecoh"/)
})

test('a port that something else has is named, and one that a vmcp has is fine', async () => {
  const other = createServer()
  await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening))
  stage.defer(async () => other.close())
  const { port } = other.address() as AddressInfo
  const taken = await doctor(config([echo]), '--port', String(port))
  expect(taken.code).toBe(1)
  expect(taken.stdout).toContain(`✗ something else listens on 127.0.0.1 port ${port}`)
  const gateway = await stage.gateway({ config: config([echo]), env })
  await eventually(async () => expect(await toolNames(gateway.ready)).toEqual(['e_echo']))
  const own = await doctor(config([echo]), '--port', new URL(gateway.ready).port)
  expect(own.code, own.output).toBe(0)
  expect(own.stdout).toContain(`is that of a vmcp that runs (pid ${gateway.pid})`)
})

test('a group is looked at too, and one that is not there is said to be so', async () => {
  for (const line of [
    ['group', 'create', 'team'],
    ['add', 'e', '--group', 'team', '--', echo.command, ...echo.args],
  ])
    expect((await runCli(line, env)).code).toBe(0)
  const outcome = await runCli(['doctor', '--group', 'team', '--port', '0'], env)
  expect(outcome.stdout, outcome.output).toContain('1 of 1 backends work')
  const none = await runCli(['doctor', '--group', 'nobody', '--port', '0'], env)
  expect(none.code).toBe(1)
  expect(none.stdout).toContain("there is no group 'nobody'")
})
