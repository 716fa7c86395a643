import { beforeAll, describe, expect, test } from 'vitest'
import { LegacyClient, ModernClient } from '../fixtures/client.ts'
import { closedAfterAll } from '../fixtures/closed.ts'
import { config } from '../fixtures/config.ts'
import { AUDIENCE, Idp } from '../fixtures/idp/idp.ts'
import { type Child, Stage } from '../fixtures/stage.ts'
import { echo, tool } from './composite.ts'

const stage = closedAfterAll(new Stage())
let idp: Idp
let richUrl: string
let echoUrl: string

beforeAll(async () => {
  idp = await Idp.start()
  stage.defer(() => idp.close())
  richUrl = (await stage.server('wire:rich', { era: 'both' })).ready
  echoUrl = (await stage.hosted('echo', { era: 'both' })).ready
})

interface Wish {
  readonly policies: readonly string[]
  readonly incomingAuth?: object
  readonly authz?: object
}

function gatewayWith({ policies, incomingAuth = { type: 'anonymous' }, authz = {} }: Wish): Promise<Child> {
  const backends = [
    { name: 'rich', url: richUrl },
    { name: 'echo', url: echoUrl },
  ]
  return stage.gateway({
    config: config(backends, {
      incomingAuth: { ...incomingAuth, authz: { type: 'cedar', policies, ...authz } },
      compositeTools: [tool('twice', [echo('a', 'please')])],
    }),
  })
}

async function open(era: 'legacy' | 'modern', url: string, headers: Record<string, string> = {}) {
  const client =
    era === 'legacy' ? await LegacyClient.open(url, { headers }) : new ModernClient(url, { headers })
  stage.defer(() => client.close())
  return client
}

type Client = Awaited<ReturnType<typeof open>>

async function names(client: Client, method: string, list: string): Promise<unknown[]> {
  const result = (await client.result(method)) as Record<string, { [key: string]: unknown }[]>
  return (result[list] ?? []).map((it) => it['uriTemplate'] ?? it['uri'] ?? it['name'])
}

async function denial(client: Client, method: string, params: Record<string, unknown>) {
  const { status, message } = await client.request(method, params)
  return { status, error: message.error }
}

const refused = (what: string) => ({
  status: 403,
  error: { code: 403, message: `${what} denied by authorization policy` },
})

describe.each(['legacy', 'modern'] as const)('a %s client', (era) => {
  test('sees and gets the prompts that are permitted, by their arguments', async () => {
    const permit = `permit(principal, action == Action::"get_prompt", resource == Prompt::"rich_rich_prompt")
      when { context.arg_who == "me" };`
    const some = await open(era, (await gatewayWith({ policies: [permit] })).ready)
    expect(await names(some, 'prompts/list', 'prompts')).toEqual(['rich_rich_prompt'])
    const params = { name: 'rich_rich_prompt', arguments: { who: 'me' } }
    expect((await some.request('prompts/get', params)).status).toBe(200)
    const others = { name: 'rich_rich_prompt', arguments: { who: 'you' } }
    expect(await denial(some, 'prompts/get', others)).toEqual(refused('prompt'))
    expect(await denial(some, 'prompts/get', { name: 'there_is_none' })).toEqual(refused('prompt'))
    expect(await names(some, 'resources/list', 'resources')).toEqual([])
    expect(await names(some, 'tools/list', 'tools')).toEqual([])
    expect(await denial(some, 'resources/read', { uri: 'rich://doc' })).toEqual(refused('read'))
  })

  test('sees and reads the resources that are permitted, those of templates included', async () => {
    const policies = [
      'permit(principal, action == Action::"read_resource", resource) when { resource.uri like "rich://items/1*" };',
    ]
    const some = await open(era, (await gatewayWith({ policies })).ready)
    expect(await names(some, 'resources/list', 'resources')).toEqual([])
    expect(await names(some, 'resources/templates/list', 'resourceTemplates')).toEqual(['rich://items/{id}'])
    expect(await names(some, 'prompts/list', 'prompts')).toEqual([])
    const { message } = await some.request('resources/read', { uri: 'rich://items/12' })
    expect(message.error?.code).not.toBe(403)
    expect(await denial(some, 'resources/read', { uri: 'rich://items/2' })).toEqual(refused('read'))
    expect(await denial(some, 'resources/read', { uri: 'rich://doc' })).toEqual(refused('read'))
    expect(await denial(some, 'resources/read', { uri: 'nowhere://at.all' })).toEqual(refused('read'))

    const one = 'permit(principal, action == Action::"read_resource", resource == Resource::"rich://doc");'
    const another = await open(era, (await gatewayWith({ policies: [one] })).ready)
    expect(await names(another, 'resources/list', 'resources')).toEqual(['rich://doc'])
    expect(await names(another, 'resources/templates/list', 'resourceTemplates')).toEqual([])
    expect((await another.request('resources/read', { uri: 'rich://doc' })).message.result).toBeDefined()
  })

  test('runs composite tools whose steps nobody permits, where authorizeSteps is off', async () => {
    const policies = ['permit(principal, action == Action::"call_tool", resource == Tool::"twice");']
    const call = { name: 'twice', arguments: {} }
    const strict = await open(era, (await gatewayWith({ policies })).ready)
    expect((await strict.result('tools/call', call))['isError']).toBe(true)
    const lax = await open(era, (await gatewayWith({ policies, authz: { authorizeSteps: false } })).ready)
    expect((await lax.result('tools/call', call))['isError']).not.toBe(true)
    expect(await denial(lax, 'tools/call', { name: 'echo_echo', arguments: {} })).toEqual(refused('call'))
  })

  test('is known by the claims and groups of its token', async () => {
    const oidc = {
      issuer: idp.issuer,
      audience: AUDIENCE,
      resource: AUDIENCE,
      scopes: ['mcp'],
      insecureAllowHttp: true,
      jwksAllowPrivateIp: true,
    }
    const policies = [
      `permit(principal, action == Action::"call_tool", resource == Tool::"echo_echo")
        when { principal.claim_team == "blue" };`,
      'permit(principal in THVGroup::"staff", action == Action::"read_resource", resource);',
      'permit(principal == Client::"carol", action == Action::"get_prompt", resource);',
    ]
    const { ready: url } = await gatewayWith({ policies, incomingAuth: { type: 'oidc', oidc } })
    const as = async (subject: string, claims: Record<string, unknown> = {}) =>
      open(era, url, { authorization: `Bearer ${await idp.token({ subject, claims })}` })
    const seen = async (client: Client) => ({
      tools: await names(client, 'tools/list', 'tools'),
      resources: await names(client, 'resources/list', 'resources'),
      prompts: await names(client, 'prompts/list', 'prompts'),
    })

    const alice = await as('alice', { team: 'blue', groups: ['staff'] })
    expect(await seen(alice)).toEqual({ tools: ['echo_echo'], resources: ['rich://doc'], prompts: [] })
    const call = { name: 'echo_echo', arguments: { input: 'x' } }
    expect((await alice.request('tools/call', call)).status).toBe(200)
    const bob = await as('bob', { team: 'red', groups: ['guests'] })
    expect(await seen(bob)).toEqual({ tools: [], resources: [], prompts: [] })
    expect(await denial(bob, 'tools/call', call)).toEqual(refused('call'))
    const carol = await as('carol', { team: 'blue' })
    expect(await seen(carol)).toEqual({ tools: ['echo_echo'], resources: [], prompts: ['rich_rich_prompt'] })
    // A claim that a policy looks at without `has`, and the token has not, is an error, which denies.
    const dave = await as('dave', { groups: ['staff'] })
    expect(await seen(dave)).toEqual({ tools: [], resources: ['rich://doc'], prompts: [] })
  })
})
