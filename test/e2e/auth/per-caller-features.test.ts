import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../fixtures/ask.ts'
import { runCli } from '../../fixtures/cli.ts'
import type { LegacyClient } from '../../fixtures/client.ts'
import { messageOf, textOf, toolsOf, Users } from './users.ts'

let users: Users
beforeAll(async () => {
  users = await Users.open()
})
afterAll(() => users.stage.close())

const LETTER = {
  name: 'send_and_file',
  description: 'Sends a letter and files it.',
  parameters: { type: 'object', properties: {} },
  steps: [{ id: 'send', tool: 'own_send' }],
}

test('a composite tool is there for those who have what it is made of, and runs as them', async () => {
  const its = await users.scene({ era: 'legacy', more: { compositeTools: [LETTER] } })
  its.guarded.show('ann', 'send')
  its.guarded.show('bob', 'read')
  for (const door of ['legacy', 'modern'] as const) {
    const [ann, bob] = [await users.as('ann', door, its), await users.as('bob', door, its)]
    expect(await toolsOf(ann)).toEqual(['echo_echo', 'own_send', 'send_and_file'])
    expect(await toolsOf(bob)).toEqual(['echo_echo', 'own_read'])
    expect(await textOf(ann, 'send_and_file')).toContain('send as ann')
    expect(await messageOf(bob.request('tools/call', { name: 'send_and_file', arguments: {} }))).toMatch(
      /not found/,
    )
  }
  expect(its.guarded.mixed).toEqual([])
})

test.each(['legacy', 'modern'] as const)(
  'what is shown for a token that was exchanged is shown to the user whose it was (%s)',
  async (era) => {
    const { issuer, client } = users.idp
    const tokenExchange = {
      tokenUrl: `${issuer}/token`,
      clientId: client.clientId,
      clientSecretEnv: 'IDP_SECRET',
      audience: 'https://backend.example/mcp',
    }
    const backends = { own: { type: 'token_exchange', tokenExchange } }
    const its = await users.scene({ era, more: { outgoingAuth: { source: 'inline', backends } } })
    its.guarded.show('ann', 'a')
    its.guarded.show('bob', 'b')
    for (const door of ['legacy', 'modern'] as const) {
      const [ann, bob] = [await users.as('ann', door, its), await users.as('bob', door, its)]
      for (let round = 0; round < 3; round++)
        expect(await Promise.all([toolsOf(ann), toolsOf(bob)])).toEqual([
          ['echo_echo', 'own_a'],
          ['echo_echo', 'own_b'],
        ])
      expect([await textOf(ann, 'own_a'), await textOf(bob, 'own_b')]).toEqual(['a as ann', 'b as bob'])
    }
    expect(its.guarded.mixed).toEqual([])
  },
)

test('policies take away from what a caller is shown, and add nothing', async () => {
  const policies = [
    'permit(principal, action == Action::"call_tool", resource) unless { resource == Tool::"own_secret" };',
    'permit(principal == Client::"ann", action == Action::"call_tool", resource == Tool::"own_secret");',
  ]
  const oidc = { type: 'oidc', authz: { type: 'cedar', policies } }
  const { written } = await users.scene({ era: 'modern' })
  const incomingAuth = { ...(written as { incomingAuth: object }).incomingAuth, ...oidc }
  const its = await users.scene({ era: 'modern', more: { incomingAuth } })
  its.guarded.show('ann', 'secret', 'a')
  its.guarded.show('bob', 'secret', 'b')
  its.guarded.show('cid', 'c')
  const [ann, bob, cid] = await Promise.all(
    ['ann', 'bob', 'cid'].map((name) => users.as(name, 'modern', its)),
  )
  if (ann === undefined || bob === undefined || cid === undefined) throw new Error('nobody')
  for (let round = 0; round < 3; round++)
    expect(await Promise.all([ann, bob, cid].map(toolsOf))).toEqual([
      ['echo_echo', 'own_a', 'own_secret'],
      ['echo_echo', 'own_b'],
      ['echo_echo', 'own_c'],
    ])
  const refused = await bob.request('tools/call', { name: 'own_secret', arguments: {} })
  expect([refused.status, refused.message.error?.code]).toEqual([403, 403])
  expect(await textOf(ann, 'own_secret')).toBe('secret as ann')
})

test('a change of the configuration leaves callers what is theirs', async () => {
  const its = await users.scene({ era: 'legacy' })
  its.guarded.show('ann', 'a')
  its.guarded.show('bob', 'b')
  const file = await users.stage.file('vmcp.yaml', its.written)
  const gateway = await users.stage.gateway({ args: ['--config', file] })
  const [ann, bob] = await Promise.all(
    ['ann', 'bob'].map(async (name) => (await users.as(name, 'legacy', { gateway })) as LegacyClient),
  )
  if (ann === undefined || bob === undefined) throw new Error('nobody')
  await ann.listen()
  expect(await Promise.all([ann, bob].map(toolsOf))).toEqual([
    ['echo_echo', 'own_a'],
    ['echo_echo', 'own_b'],
  ])
  const before = its.guarded.sessions
  const more = await users.stage.hosted('github', { era: 'legacy' })
  const { backends } = its.written as { backends: object[] }
  const next = { ...its.written, backends: [...backends, { ...backends[0], name: 'more', url: more.ready }] }
  await writeFile(file, JSON.stringify(next))
  await eventually(() =>
    expect(ann.notifications.map(({ method }) => method)).toContain('notifications/tools/list_changed'),
  )
  expect(await toolsOf(ann)).toEqual(['echo_echo', 'more_create_issue', 'more_list_repos', 'own_a'])
  expect(await toolsOf(bob)).toEqual(['echo_echo', 'more_create_issue', 'more_list_repos', 'own_b'])
  expect([await textOf(ann, 'own_a'), await textOf(bob, 'own_b')]).toEqual(['a as ann', 'b as bob'])
  // Two of them to call on; those to list on are what they were.
  expect(its.guarded.sessions).toBeLessThanOrEqual(before + 2)
  expect(its.guarded.mixed).toEqual([])
})

test('the operator is told that callers are shown what is theirs, and is warned of nothing that only they can see', async () => {
  const its = await users.scene({ era: 'modern', more: { compositeTools: [LETTER] } })
  const file = await users.stage.file('vmcp.yaml', its.written)
  const listed = await runCli(['tools', '--config', file])
  expect([listed.code, listed.output]).toEqual([0, expect.stringContaining('echo_echo')])
  expect(listed.output).toContain("backend 'own' shows each caller what it has for them")
  const judged = await runCli(['validate', '--connect', '--config', file])
  expect([judged.code, judged.output]).toEqual([0, expect.not.stringContaining('send_and_file')])
  const doctor = await runCli(['doctor', '--config', file, '--port', '0'])
  expect(doctor.output).toContain('own: it shows what it has to callers alone')
  expect(doctor.output).toContain('2 of 2 backends work')
})

test('over the old transport each user has a stream of their own', async () => {
  const { ready: url } = await users.stage.hosted('hdr', { transport: 'sse', era: 'legacy' })
  const { written } = await users.scene({ era: 'modern' })
  const gateway = await users.stage.gateway({
    config: { ...written, backends: [{ name: 'own', transport: 'sse', url }] },
  })
  for (const door of ['legacy', 'modern'] as const) {
    const callers = await Promise.all(['ann', 'bob'].map((name) => users.as(name, door, { gateway })))
    const names = await Promise.all(callers.map(toolsOf))
    expect(names).toEqual([['own_headers'], ['own_headers']])
    const said = await Promise.all(callers.map((caller) => textOf(caller, 'own_headers')))
    const tokens = said.map((text) => (JSON.parse(text) as { authorization: string }).authorization)
    expect(tokens).toEqual(callers.map((caller) => caller.raw.headers['authorization']))
  }
})
