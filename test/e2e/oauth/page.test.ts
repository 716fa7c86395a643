import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { callText, eventually } from '../../fixtures/ask.ts'
import { runCli } from '../../fixtures/cli.ts'
import { closedAfterEach } from '../../fixtures/closed.ts'
import { login } from '../../fixtures/login.ts'
import { ROOT } from '../../fixtures/root.ts'
import { Stage } from '../../fixtures/stage.ts'
import { freshState, protect } from './protected.ts'

const stage = closedAfterEach(new Stage())
const EXAMPLE = 'https://mcp.example.com/mcp'

/** The first block of this language. */
function blockOf(page: string, language: string): string {
  return new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(page)?.[1] ?? ''
}

test('the commands of the page on logins do what it says, with a server in the place of the example', async () => {
  const page = await readFile(join(ROOT, 'docs/login.md'), 'utf8')
  const { url } = await protect(stage)
  expect(blockOf(page, 'yaml')).toContain(EXAMPLE)
  const file = await stage.file('vmcp.yaml', blockOf(page, 'yaml').replace(EXAMPLE, url))
  const env = await freshState(stage)
  const commands = [...blockOf(page, 'console').trim().split('\n'), ...blockOf(page, 'sh').trim().split('\n')]
  const words = commands.map((line) => line.replace('vmcp.yaml', file).split(' ').slice(1))
  const [loggingIn = [], serving = [], loggingOut = []] = words
  expect(loggingIn[0]).toBe('login')
  expect(await login(loggingIn[1] as string, loggingIn.slice(2), env)).toMatchObject({ code: 0, stderr: '' })
  expect(serving[0]).toBe('serve')
  const gateway = await stage.gateway({ args: serving.slice(1), env })
  await eventually(async () =>
    expect(await callText(gateway.ready, 'tracker_inner_echo', { input: 'hi' })).toBe('hi'),
  )
  expect(await runCli(loggingOut, env)).toMatchObject({ code: 0, stdout: '✓ logged out of tracker\n' })
})
