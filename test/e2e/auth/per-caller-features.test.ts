import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../fixtures/ask.ts'
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
  const more = await users.stage.server('github', { era: 'legacy' })
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
