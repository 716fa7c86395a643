import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { callText, eventually, toolNames } from '../../fixtures/ask.ts'
import { runCli } from '../../fixtures/cli.ts'
import { closedAfterEach } from '../../fixtures/closed.ts'
import { config } from '../../fixtures/config.ts'
import { descendantsOf } from '../../fixtures/processes.ts'
import { Stage, serverCommand } from '../../fixtures/stage.ts'
import { homeOf, legacyListener, modernListener, replaceFile, serveFile, statusOf } from './served.ts'

const stage = closedAfterEach(new Stage())
let env: NodeJS.ProcessEnv

beforeEach(async () => {
  env = await homeOf(stage)
})

const echo = serverCommand('echo', { era: 'legacy' })

async function run(...args: string[]): Promise<void> {
  const outcome = await runCli(args, env)
  expect(outcome.code, outcome.output).toBe(0)
}

describe('a group of our own that is served', () => {
  test('follows vmcp add and vmcp remove, and leaves the others alone', async () => {
    const { ready: url } = await stage.hosted('github', { era: 'modern' })
    await run('group', 'create', 'team')
    await run('add', 'e', '--group', 'team', '--', echo.command, ...echo.args)
    const gateway = await stage.gateway({ args: ['--group', 'team'], env })
    const clients = [await legacyListener(stage, gateway.ready), await modernListener(stage, gateway.ready)]
    for (const client of clients) await client.settled(['e_echo'])
    const children = descendantsOf(gateway.pid)

    await run('add', 'github', '--group', 'team', '--url', url)
    for (const client of clients) {
      await eventually(() => expect(client.heard()).toContain('notifications/tools/list_changed'))
      expect(await client.tools()).toEqual(['e_echo', 'github_create_issue', 'github_list_repos'])
    }
    expect(descendantsOf(gateway.pid)).toEqual(children)

    await run('remove', 'e', '--group', 'team')
    await eventually(async () =>
      expect(await toolNames(gateway.ready)).toEqual(['github_create_issue', 'github_list_repos']),
    )
    await eventually(() => expect(descendantsOf(gateway.pid)).toEqual([]))
  })

  test('is served on when it is removed', async () => {
    await run('group', 'create', 'team')
    await run('add', 'e', '--group', 'team', '--', echo.command, ...echo.args)
    const gateway = await stage.gateway({ args: ['--group', 'team'], env })
    await eventually(async () => expect(await toolNames(gateway.ready)).toEqual(['e_echo']))
    await run('group', 'rm', 'team', '--force')
    await eventually(async () => expect((await statusOf(gateway.ready)).configuration.refused).toBeDefined())
    expect(gateway.stderr()).toContain("there is no group 'team'")
    expect(await callText(gateway.ready, 'e_echo', { input: 'on' })).toBe('on')
  })

  test('of a configuration file is followed with the settings of the file', async () => {
    const { ready: url } = await stage.hosted('github', { era: 'modern' })
    await run('group', 'create', 'test')
    await run('add', 'e', '--group', 'test', '--', echo.command, ...echo.args)
    const { backends: _, ...file } = config([]) as { backends: unknown }
    const path = await stage.file('vmcp.yaml', file)
    const gateway = await stage.gateway({ args: ['--config', path], env })
    await eventually(async () => expect(await toolNames(gateway.ready)).toEqual(['e_echo']))
    await run('add', 'github', '--group', 'test', '--url', url)
    await eventually(async () => expect(await toolNames(gateway.ready)).toHaveLength(3))
    const hidden = { ...file, aggregation: { ...prefix, tools: [{ workload: 'github', excludeAll: true }] } }
    await replaceFile(path, hidden)
    await eventually(async () => expect(await toolNames(gateway.ready)).toEqual(['e_echo']))
  })
})

const prefix = { conflictResolution: 'prefix', conflictResolutionConfig: { prefixFormat: '{workload}_' } }

describe('a group of ToolHive that is served', () => {
  async function put(path: string, value: unknown): Promise<void> {
    const full = join(String(env['HOME']), path)
    await mkdir(dirname(full), { recursive: true })
    await writeFile(full, JSON.stringify(value))
  }
  const workload = (name: string, url: string) =>
    put(`state/toolhive/runconfigs/${name}.json`, {
      name,
      group: 'dev',
      transport: 'streamable-http',
      host: '127.0.0.1',
      port: Number(new URL(url).port),
    })

  test('follows its state files', async () => {
    const [github, jira] = await Promise.all([
      stage.hosted('github', { era: 'modern' }),
      stage.hosted('jira', { era: 'modern' }),
    ])
    await put('state/toolhive/groups/dev.json', { name: 'dev', registered_clients: [] })
    await workload('github', github.ready)
    const gateway = await stage.gateway({ args: ['--group', 'dev'], env })
    const client = await modernListener(stage, gateway.ready)
    await client.settled(['github_create_issue', 'github_list_repos'])
    await workload('jira', jira.ready)
    await eventually(() => expect(client.heard()).toEqual(['notifications/tools/list_changed']))
    expect(await client.tools()).toContain('jira_create_issue')

    // What the workload does is nothing that a connection is made anew for.
    const before = gateway.stderr().match(/backend connected/g)?.length
    await put('data/toolhive/statuses/jira.json', { status: 'running' })
    await eventually(async () => expect((await statusOf(gateway.ready)).configuration.generation).toBe(3))
    expect(gateway.stderr().match(/backend connected/g)).toHaveLength(before ?? 0)

    await rm(join(String(env['HOME']), 'state/toolhive/runconfigs/github.json'))
    await eventually(async () => expect(await toolNames(gateway.ready)).toEqual(['jira_create_issue']))
  })

  test('follows its API, which no file tells of', { timeout: 60_000 }, async () => {
    const workloads: object[] = []
    const api = createServer((req, res) => {
      if (req.url === '/health') res.writeHead(204, { 'x-toolhive-nonce': 'n' }).end()
      else res.end(JSON.stringify({ workloads }))
    })
    await new Promise<void>((listening) => api.listen(0, '127.0.0.1', listening))
    stage.defer(async () => api.close())
    const { port } = api.address() as AddressInfo
    await put('state/toolhive/server/server.json', { url: `http://127.0.0.1:${port}`, nonce: 'n', pid: 1 })
    const { ready: url } = await stage.hosted('github', { era: 'modern' })
    workloads.push({ name: 'gone', url: 'http://127.0.0.1:1/mcp', transport_type: 'streamable-http' })
    const gateway = await stage.gateway({ args: ['--group', 'dev'], env })
    workloads.splice(0, 1, { name: 'github', url, transport_type: 'streamable-http', status: 'running' })
    await eventually(
      async () => expect(await toolNames(gateway.ready)).toContain('github_list_repos'),
      25_000,
    )
  })
})

test("an editor's file that is served is followed", async () => {
  const { ready: url } = await stage.hosted('github', { era: 'modern' })
  const served = await serveFile(stage, { mcpServers: { e: echo } }, { flag: '--from' })
  await eventually(async () => expect(await toolNames(served.url)).toEqual(['e_echo']))
  await served.edit({ mcpServers: { e: echo, github: { url } } })
  await eventually(async () => expect(await toolNames(served.url)).toHaveLength(3))
  await served.edit('{"mcpServers": {"e": ')
  await eventually(async () => expect((await served.status()).configuration.refused).toBeDefined())
  expect(served.gateway.stderr()).toContain(served.file)
  expect(await toolNames(served.url)).toHaveLength(3)
})

test('a ConfigMap that is swapped by its link is followed', async () => {
  const folder = await stage.folder()
  const version = async (name: string, content: object) => {
    await mkdir(join(folder, name))
    await writeFile(join(folder, name, 'config.yaml'), JSON.stringify(content))
    await rm(join(folder, '..data'), { force: true })
    await symlink(name, join(folder, '..data'))
  }
  const entry = { name: 'e', transport: 'stdio' as const, ...echo }
  await version('..1', config([entry]))
  await symlink(join('..data', 'config.yaml'), join(folder, 'config.yaml'))
  const gateway = await stage.gateway({ args: ['--config', join(folder, 'config.yaml')], env })
  await eventually(async () => expect(await toolNames(gateway.ready)).toEqual(['e_echo']))
  await version('..2', config([{ ...entry, name: 'other' }]))
  await eventually(async () => expect(await toolNames(gateway.ready)).toEqual(['other_echo']))
})
