import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { request } from 'undici'
import { describe, expect, test } from 'vitest'
import { eventually, toolNames } from '../../fixtures/ask.ts'
import { runCli } from '../../fixtures/cli.ts'
import { closedAfterEach } from '../../fixtures/closed.ts'
import { config } from '../../fixtures/config.ts'
import { descendantsOf, openHandles } from '../../fixtures/processes.ts'
import { CLI, Stage, serverCommand } from '../../fixtures/stage.ts'
import {
  controlOf,
  homeOf,
  legacyListener,
  modernListener,
  replaceFile,
  type Served,
  serveFile,
} from './served.ts'

const stage = closedAfterEach(new Stage())

const echo = (name = 'e') => ({
  name,
  transport: 'stdio' as const,
  ...serverCommand('echo', { era: 'legacy' }),
})

/** A server that looks at its configuration on demand only. */
async function onDemand(): Promise<Served> {
  const served = await serveFile(stage, config([echo()]), { args: ['--no-watch'] })
  await eventually(async () => expect(await toolNames(served.url)).toEqual(['e_echo']))
  return served
}

describe('vmcp reload', () => {
  test('applies an edit, and says what is different', async () => {
    const served = await onDemand()
    await served.edit(config([echo(), echo('f')], { passthroughHeaders: ['x-team'] }))
    await sleep(600)
    expect(await toolNames(served.url)).toEqual(['e_echo'])
    const outcome = await served.cli('reload')
    expect(outcome.code, outcome.output).toBe(0)
    expect(outcome.stdout).toContain('generation 2 is served')
    expect(outcome.stdout).toContain('added: f')
    expect(outcome.stdout).toContain('changed: passthroughHeaders')
    expect(await toolNames(served.url)).toEqual(['e_echo', 'f_echo'])
  })

  test('says that nothing is different', async () => {
    const served = await onDemand()
    const outcome = await served.cli('reload', '--json')
    expect(outcome.code, outcome.output).toBe(0)
    expect(JSON.parse(outcome.stdout)).toMatchObject({ outcome: 'unchanged', generation: 1 })
  })

  test('says what is wrong, each with its place, and ends with 3', async () => {
    const served = await onDemand()
    await served.edit('name: x\naggregaton: {}\n')
    const outcome = await served.cli('reload')
    expect(outcome.code).toBe(3)
    expect(outcome.stderr).toMatch(/refused: the file has \d errors; generation 1 is served on/)
    expect(outcome.stderr).toContain(`${served.file}:2:1: aggregaton: unknown key`)
    expect(await toolNames(served.url)).toEqual(['e_echo'])
  })

  test('finds the server that serves this file, and asks which where several fit', async () => {
    const served = await onDemand()
    const other = await stage.gateway({ config: config([echo()]), env: served.env })
    const unclear = await served.cli('reload')
    expect(unclear.code).toBe(1)
    expect(unclear.stderr).toContain('several servers fit')
    expect(unclear.stderr).toContain(`--pid ${other.pid}: ${other.ready}`)
    expect((await served.cli('reload', '--config', served.file)).code).toBe(0)
    expect((await served.cli('reload', '--pid', String(other.pid))).code).toBe(0)
    expect((await served.cli('reload', '--group', 'nobody')).stderr).toContain('that serves fits')
  })

  test('says that there is none to be found', async () => {
    const outcome = await runCli(['reload'], await homeOf(stage))
    expect(outcome.code).toBe(1)
    expect(outcome.stderr).toContain('no vmcp serves')
  })

  test('finds none that has ended, however it did', async () => {
    const served = await onDemand()
    const folder = join(String(served.env['XDG_RUNTIME_DIR']), 'vmcp')
    const [file = ''] = await readdir(folder)
    expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    await served.gateway.stop('SIGKILL')
    expect(await readdir(folder)).toHaveLength(1)
    expect((await served.cli('reload')).stderr).toContain('no vmcp serves')
    expect(await readdir(folder)).toEqual([])
  })

  test('is for the owner of the server alone', async () => {
    const served = await onDemand()
    const { control, token } = await controlOf(served.env)
    const post = (headers: Record<string, string>) =>
      request(`${control}/reload`, { method: 'POST', headers }).then(async ({ statusCode, body }) => {
        await body.dump()
        return statusCode
      })
    expect(await post({})).toBe(401)
    expect(await post({ authorization: 'Bearer nonsense' })).toBe(401)
    expect(await post({ authorization: `Bearer ${token}` })).toBe(200)
    await served.gateway.stop()
    expect(await readdir(join(String(served.env['XDG_RUNTIME_DIR']), 'vmcp'))).toEqual([])
  })

  test('is not all that the owner can ask for: there is the catalogue as it is now, for a page or a registry', async () => {
    const served = await onDemand()
    const { control, token } = await controlOf(served.env)
    const catalog = async () => {
      const headers = { authorization: `Bearer ${token}` }
      const { body } = await request(`${control}/catalog`, { headers })
      return body.json()
    }
    const tool = (backend: string) => ({
      kind: 'tool',
      name: `${backend}_echo`,
      backend,
      ownName: 'echo',
      status: 'listed',
    })
    expect(await catalog()).toMatchObject({ generation: 1, entries: [tool('e')] })
    await served.edit(config([echo(), echo('f')]))
    await served.cli('reload')
    expect(await catalog()).toMatchObject({ generation: 2, entries: [tool('e'), tool('f')] })
  })

  test('works for a server on stdin and stdout', async () => {
    const env = await homeOf(stage)
    const file = await stage.file('vmcp.yaml', config([echo()]))
    const args = [CLI, 'serve', '--config', file, '--stdio', '--no-watch']
    const served = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: 'pipe' })
    const exited = once(served, 'exit')
    stage.defer(async () => {
      served.stdin.end()
      await exited
    })
    await eventually(async () => expect(await controlOf(env)).toBeDefined())
    await replaceFile(file, config([echo(), echo('f')]))
    const outcome = await runCli(['reload'], env)
    expect(outcome.stdout, outcome.output).toContain('added: f')
  })
})

test('SIGHUP applies an edit, or refuses it, and ends nothing', async () => {
  const served = await onDemand()
  const children = descendantsOf(served.gateway.pid)
  await served.edit(config([echo(), echo('f')]))
  served.gateway.process.kill('SIGHUP')
  await eventually(async () => expect(await toolNames(served.url)).toEqual(['e_echo', 'f_echo']))
  for (const child of children) expect(descendantsOf(served.gateway.pid)).toContain(child)
  await served.edit('nonsense: [')
  served.gateway.process.kill('SIGHUP')
  await eventually(async () => expect((await served.status()).configuration.refused).toBeDefined())
  expect(await toolNames(served.url)).toEqual(['e_echo', 'f_echo'])
})

test('hundreds of reloads leave nothing behind', { timeout: 180_000 }, async () => {
  const { ready: url } = await stage.hosted('github', { era: 'modern' })
  const github = (n: number) => ({ name: 'github', url, headers: { 'x-n': String(n) } })
  const served = await serveFile(stage, config([echo(), github(0)]), { args: ['--no-watch'] })
  const clients = [await legacyListener(stage, served.url), await modernListener(stage, served.url)]
  for (const client of clients) await client.settled(['e_echo', 'github_create_issue', 'github_list_repos'])
  const { control, token } = await controlOf(served.env)
  const reload = async (n: number) => {
    // Every fourth has another child for a while, every third is wrong.
    const backends = n % 4 === 0 ? [echo(), github(n), echo('f')] : [echo(), github(n)]
    await writeFile(served.file, n % 3 === 0 ? '{' : JSON.stringify(config(backends)))
    const headers = { authorization: `Bearer ${token}` }
    const { body } = await request(`${control}/reload`, { method: 'POST', headers })
    return ((await body.json()) as { outcome: string }).outcome
  }
  const children = descendantsOf(served.gateway.pid)
  for (let n = 1; n <= 22; n++) await reload(n)
  await eventually(() => expect(descendantsOf(served.gateway.pid)).toEqual(children), 20_000)
  await sleep(1_000)
  const before = openHandles(served.gateway.pid)
  const outcomes = new Map<string, number>()
  for (let n = 23; n <= 223; n++) {
    const outcome = await reload(n)
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  }
  expect(Object.fromEntries(outcomes)).toEqual({ applied: 134, refused: 67 })
  await eventually(() => expect(descendantsOf(served.gateway.pid)).toEqual(children), 20_000)
  await eventually(() => expect(openHandles(served.gateway.pid)).toBeLessThanOrEqual(before + 4), 20_000)
  expect(served.gateway.stderr()).not.toContain('MaxListenersExceeded')
  for (const client of clients) expect(await client.tools()).toHaveLength(3)
})
