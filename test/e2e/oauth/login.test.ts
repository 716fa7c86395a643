import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually, toolNames } from '../../fixtures/ask.ts'
import { runCli } from '../../fixtures/cli.ts'
import { ModernClient } from '../../fixtures/client.ts'
import { login } from '../../fixtures/login.ts'
import { Stage } from '../../fixtures/stage.ts'
import { freshState, protect, withLogin } from './protected.ts'

let stage: Stage
beforeEach(() => {
  stage = new Stage()
})
afterEach(() => stage.close())

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
