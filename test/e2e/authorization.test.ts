import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../fixtures/ask.ts'
import { runCli } from '../fixtures/cli.ts'
import { LegacyClient, ModernClient } from '../fixtures/client.ts'
import { closedAfterAll } from '../fixtures/closed.ts'
import { config } from '../fixtures/config.ts'
import { type Child, Stage } from '../fixtures/stage.ts'
import { echo, tool } from './composite.ts'

const stage = closedAfterAll(new Stage())
const DENIED = { code: 403, message: 'call denied by authorization policy' }
const PERMIT = (name: string, when = '') =>
  `permit(principal == Client::"anonymous", action == Action::"call_tool", resource == Tool::"${name}")${when};`

let gateway: Child
let policyFile: string

beforeAll(async () => {
  const echoes = await stage.hosted('echo', { era: 'both' })
  const typed = await stage.hosted('typed', { era: 'both' })
  policyFile = await stage.file('more.cedar', PERMIT('refused'))
  const authz = {
    type: 'cedar',
    policies: [
      PERMIT('echo_echo', ' when { context.arg_input == "please" }'),
      PERMIT('open'),
      PERMIT('closed'),
    ],
    policyFiles: [policyFile],
  }
  const compositeTools = [
    tool('open', [echo('a', 'please')]),
    tool('closed', [echo('a', 'please'), echo('b', 'now', { dependsOn: ['a'] })]),
    tool('unmentioned', [echo('a', 'please')]),
  ]
  const backends = [
    { name: 'echo', url: echoes.ready },
    { name: 'typed', url: typed.ready },
  ]
  gateway = await stage.gateway({
    config: config(backends, { incomingAuth: { type: 'anonymous', authz }, compositeTools }),
  })
})

async function open(era: 'legacy' | 'modern') {
  const client = era === 'legacy' ? await LegacyClient.open(gateway.ready) : new ModernClient(gateway.ready)
  stage.defer(() => client.close())
  return client
}

type Asked = Awaited<ReturnType<typeof open>>

async function call(client: Asked, name: string, args: object = {}) {
  const reply = await client.request('tools/call', { name, arguments: args })
  const { result, error } = JSON.parse(reply.text) as {
    result?: { isError?: boolean; content: { text: string }[] }
    error?: { code: number; message: string }
  }
  return { status: reply.status, result, error, text: result?.content[0]?.text }
}

describe.each(['legacy', 'modern'] as const)('a %s client', (era) => {
  test('sees what some call of is permitted, and calls it where it is', async () => {
    const client = await open(era)
    const { text } = await client.request('tools/list')
    const names = (JSON.parse(text) as { result: { tools: { name: string }[] } }).result.tools.map(
      (it) => it.name,
    )
    expect(names).toEqual(expect.arrayContaining(['closed', 'echo_echo', 'open']))
    expect(names).not.toContain('typed_typed_tool')
    expect(names).not.toContain('unmentioned')
    expect((await call(client, 'echo_echo', { input: 'please' })).text).toContain('please')
  })

  test('is refused with 403 what is forbidden, what is hidden and what is not there, all in the same words', async () => {
    const client = await open(era)
    const refused = [
      await call(client, 'echo_echo', { input: 'now' }),
      await call(client, 'typed_typed_tool'),
      await call(client, 'unmentioned'),
      await call(client, 'there_is_none'),
    ]
    for (const { status, error } of refused) {
      expect(status).toBe(403)
      expect(error).toEqual(DENIED)
    }
  })

  test('gets as far in a composite tool as its steps are permitted', async () => {
    const client = await open(era)
    expect((await call(client, 'open')).result?.isError).not.toBe(true)
    const { result, text } = await call(client, 'closed')
    expect(result?.isError).toBe(true)
    expect(text).toContain('call denied by authorization policy')
  })
})

test('policies in files are served as they change, and refused where they could never apply', async () => {
  const client = new ModernClient(gateway.ready)
  stage.defer(() => client.close())
  expect((await call(client, 'typed_typed_tool')).status).toBe(403)
  await writeFile(policyFile, PERMIT('typed_typed_tool').replace('call_tool', 'tools/call'))
  await eventually(() => expect(gateway.stderr()).toContain('there is no action'))
  expect((await call(client, 'typed_typed_tool')).status).toBe(403)
  await writeFile(policyFile, PERMIT('typed_typed_tool'))
  await eventually(async () => expect((await call(client, 'typed_typed_tool')).status).not.toBe(403))
})

test('validate points at the line of a policy file', async () => {
  const folder = await stage.folder()
  await writeFile(
    join(folder, 'p.cedar'),
    '// what may be called\npermit(principal, action == Action::"tools/call", resource);',
  )
  const authz = { type: 'cedar', policyFiles: ['p.cedar'] }
  const file = join(folder, 'vmcp.yaml')
  await writeFile(file, JSON.stringify(config([], { incomingAuth: { type: 'anonymous', authz } })))
  const { code, output } = await runCli(['validate', '--config', file])
  expect(code).toBe(3)
  expect(output).toContain('p.cedar:2:37: error')
  expect(output).toContain('did you mean call_tool?')
})
