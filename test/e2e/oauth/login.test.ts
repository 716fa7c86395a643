import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { eventually, toolNames } from '../../fixtures/ask.ts'
import { startChild } from '../../fixtures/child.ts'
import { runCli } from '../../fixtures/cli.ts'
import { ModernClient } from '../../fixtures/client.ts'
import { closedAfterEach } from '../../fixtures/closed.ts'
import { browse } from '../../fixtures/idp/browser.ts'
import { login } from '../../fixtures/login.ts'
import { CLI, Stage } from '../../fixtures/stage.ts'
import { freshState, protect, withLogin } from './protected.ts'

const stage = closedAfterEach(new Stage())
async function echo(url: string): Promise<string> {
  const client = new ModernClient(url)
  try {
    const result = await client.result('tools/call', {
      name: 'remote_inner_echo',
      arguments: { input: 'hi' },
    })
    return (result['content'] as { text: string }[])[0]?.text ?? ''
  } finally {
    await client.close()
  }
}

test('a login opens the browser, and takes what is pasted where that cannot come back', async () => {
  const { url } = await protect(stage)
  const folder = await stage.folder()
  const opened = join(folder, 'opened')
  await writeFile(join(folder, 'xdg-open'), `#!/bin/sh\nprintf %s "$1" > '${opened}'\n`, { mode: 0o755 })
  const env = { ...(await freshState(stage)), PATH: `${folder}:${process.env['PATH']}` }
  const file = await stage.file('vmcp.yaml', withLogin(url))
  const child = stage.child(
    await startChild({
      args: [CLI, 'login', 'remote', '--config', file],
      env: { ...process.env, NO_COLOR: '1', ...env },
      ready: (line) => /^ {2}(http\S+)$/.exec(line)?.[1],
    }),
  )
  await eventually(async () => expect(await readFile(opened, 'utf8')).toBe(child.ready))
  const start = new URL(child.ready)
  const home = start.searchParams.get('redirect_uri') ?? ''
  child.process.stdin?.write('https://example.com/callback?code=x\n')
  await eventually(() => expect(child.stderr()).toContain(`not an address that begins with ${home}`))
  child.process.stdin?.write(`${home}?${await browse(start, home)}\n`)
  expect(await child.exited).toBe(0)
  expect(child.stdout()).toContain('✓ logged in to remote')
})

test('a login that nobody can make says why, and ends with 1 or 3', async () => {
  const file = await stage.file('vmcp.yaml', withLogin('http://127.0.0.1:1/mcp'))
  const env = await freshState(stage)
  const down = await runCli(['login', 'remote', '--config', file], env)
  expect(down).toMatchObject({ code: 1, stdout: '' })
  expect(down.stderr).toMatch(/not logged in to remote: http:\/\/127.0.0.1:1\/mcp: .*ECONNREFUSED/)
  const unknown = await runCli(['login', 'remoot', '--config', file], env)
  expect(unknown.code).toBe(3)
  expect(unknown.stderr).toContain("there is no backend 'remoot' with type oauth; those that have: remote")
})

describe.each(['legacy', 'modern'] as const)('a backend of the %s era that wants a login', (era) => {
  test('says who must log in, and works as soon as somebody has, without a restart', async () => {
    const { idp, url } = await protect(stage)
    const env = await freshState(stage)
    const file = await stage.file('vmcp.yaml', withLogin(url, {}, { era }))
    const gateway = await stage.gateway({ args: ['--config', file], env })
    await eventually(async () => {
      const { stdout } = await runCli(['status', '--json'], env)
      expect(stdout).toContain('unauthenticated')
      expect(stdout).toContain('run `vmcp login remote`')
    })
    const outcome = await login('remote', ['--config', file], env)
    expect(outcome.stderr).toBe('')
    expect(outcome.code).toBe(0)
    expect(JSON.parse(outcome.stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
      backend: 'remote',
      issuer: idp.issuer,
      resource: url,
      scopes: expect.arrayContaining(['mcp']),
      renewable: true,
    })
    await eventually(async () => expect(await toolNames(gateway.ready)).toEqual(['remote_inner_echo']))
    expect(await echo(gateway.ready)).toBe('hi')
    const folder = join(env.XDG_STATE_HOME, 'vmcp', 'oauth')
    for (const name of await readdir(folder))
      expect((await stat(join(folder, name))).mode & 0o777, name).toBe(0o600)
  })
})
