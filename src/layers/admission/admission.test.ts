import { describe, expect, test } from 'vitest'
import type { AuthorizationConfig } from '../../core/authorization.ts'
import type { Call } from '../../core/call.ts'
import type { Caller, Principal } from '../../core/caller.ts'
import { ANONYMOUS_CALLER } from '../../core/caller.ts'
import type { Catalog, Item, JsonObject } from '../../core/catalog.ts'
import type { Gateway } from '../../core/gateway.ts'
import { notFound } from '../../core/layer.ts'
import { RawObject } from '../../core/raw.ts'
import { Authorizer, admission } from './index.ts'

const item = (kind: Item['kind'], name: string, more: JsonObject = {}): Item =>
  ({
    kind,
    name,
    uri: name,
    uriTemplate: name,
    origin: { backend: 'b', name },
    definition: { name, ...more },
    hidden: false,
  }) as unknown as Item
const hinted = (name: string, annotations: JsonObject) => item('tool', name, { annotations })

const ITEMS: readonly Item[] = [
  ...['weather', 'other', 'calculator', 'x'].map((name) => item('tool', name)),
  hinted('destroyer', { destructiveHint: true }),
  hinted('reader', { readOnlyHint: true }),
  hinted('writer', { readOnlyHint: false }),
  item('prompt', 'greet'),
  item('resource', 'file:///ok'),
  item('resource', 'file:///etc/passwd'),
  item('template', 'doc:///{id}'),
]
const of = (kind: Item['kind']) => ITEMS.filter((it) => it.kind === kind)

const CATALOG = {
  tools: of('tool'),
  prompts: of('prompt'),
  resources: of('resource'),
  templates: of('template'),
  dropped: [],
  caching: () => ({ ttlMs: 0, scope: 'public' }),
} as unknown as Catalog

const matches = (template: string, uri: string) => uri.startsWith(template.split('{')[0] ?? '')

const inner: Gateway = {
  list: async () => CATALOG,
  async resolve(_, call) {
    const id = 'name' in call ? call.name : 'uri' in call ? call.uri : ''
    const found = ITEMS.find((it) => (it as { name?: string }).name === id && it.kind === call.kind)
    const template =
      call.kind === 'resource' && matches('doc:///{id}', call.uri) ? CATALOG.templates[0] : undefined
    const resolved = found ?? template ?? (call.kind === 'method' ? item('method', call.method) : undefined)
    if (resolved === undefined) throw notFound(call)
    return { item: resolved, run: async () => ({ type: 'complete', body: RawObject.empty }) }
  },
  async *watch() {},
}

function callerOf(claims: JsonObject = {}): Caller {
  const { sub = 'user123' } = claims as { sub?: string }
  const principal: Principal = { issuer: 'i', subject: sub, name: sub, claims: { sub, ...claims } }
  return { ...ANONYMOUS_CALLER, principal }
}

const { signal } = new AbortController()

class Server {
  readonly #gateway: Gateway

  constructor(policies: string | readonly string[], more: Partial<AuthorizationConfig> = {}, server = 'srv') {
    const texts = [policies].flat().map((text, at) => ({ text, place: `p${at}` }))
    const authorizer = new Authorizer({ policies: texts, ...more }, { server, matches })
    this.#gateway = admission(authorizer)(inner)
  }

  async ask(call: Call, claims?: JsonObject): Promise<string> {
    return this.#gateway.resolve(callerOf(claims), call, signal).then(
      () => 'allow',
      ({ code, message }) => `${code}: ${message}`,
    )
  }

  call(name: string, args: JsonObject | string = {}, claims?: JsonObject): Promise<string> {
    const text = typeof args === 'string' ? args : JSON.stringify(args)
    const params = RawObject.scan(Buffer.from(`{"name":"${name}","arguments":${text}}`))
    return this.ask({ kind: 'tool', name, params }, claims)
  }

  read(uri: string, claims?: JsonObject): Promise<string> {
    return this.ask({ kind: 'resource', uri, params: RawObject.empty }, claims)
  }

  async names(list: 'tools' | 'prompts' | 'resources' | 'templates', claims?: JsonObject): Promise<string[]> {
    const catalog = await this.#gateway.list(callerOf(claims), signal)
    return catalog[list].map((it) => (it as unknown as { name: string }).name)
  }
}

const ALLOW = 'allow'
const DENY = 'denied: call denied by authorization policy'
const ALL = 'permit(principal, action, resource);'
const call = (resource: string, when = '') =>
  `permit(principal, action == Action::"call_tool", ${resource}) ${when && `when { ${when} }`};`

describe('the example decisions of the reference', () => {
  test('C1, C2: only the tool that is permitted is called and listed', async () => {
    const server = new Server(call('resource == Tool::"weather"'))
    expect(await server.call('weather')).toBe(ALLOW)
    expect(await server.call('other')).toBe(DENY)
    expect(await server.names('tools')).toEqual(['weather'])
  })

  test('C3: only for one client', async () => {
    const server = new Server(
      'permit(principal == Client::"user123", action == Action::"call_tool", resource);',
    )
    expect(await server.call('x')).toBe(ALLOW)
    expect(await server.call('x', {}, { sub: 'user456' })).toBe(DENY)
  })

  test('C4: by a claim; one that is absent is an error, which denies', async () => {
    const server = new Server(call('resource', 'principal.claim_roles.contains("admin")'))
    expect(await server.call('x', {}, { roles: ['admin'] })).toBe(ALLOW)
    expect(await server.call('x', {}, { roles: ['user'] })).toBe(DENY)
    expect(await server.call('x')).toBe(DENY)
    expect(await server.names('tools')).toEqual([])
  })

  test('C5, C6: by an argument; the tool stays listed', async () => {
    const when = 'resource.arg_operation == "add" || resource.arg_operation == "subtract"'
    const server = new Server(call('resource == Tool::"calculator"', when))
    expect(await server.call('calculator', { operation: 'add' })).toBe(ALLOW)
    expect(await server.call('calculator', { operation: 'multiply' })).toBe(DENY)
    expect(await server.call('calculator')).toBe(DENY)
    expect(await server.names('tools')).toEqual(['calculator'])
  })

  test('C7: by a claim in the context', async () => {
    const server = new Server(call('resource', 'context.claim_name == "John Doe"'))
    expect(await server.call('x', {}, { name: 'John Doe' })).toBe(ALLOW)
    expect(await server.call('x', {}, { name: 'Jane' })).toBe(DENY)
  })

  test('C8: by a group, from groups or roles', async () => {
    const server = new Server(
      'permit(principal in THVGroup::"engineering", action == Action::"call_tool", resource);',
    )
    expect(await server.call('x', {}, { groups: ['engineering'] })).toBe(ALLOW)
    expect(await server.call('x', {}, { roles: ['engineering'] })).toBe(ALLOW)
    expect(await server.call('x')).toBe(DENY)
  })

  test('C9: by the server', async () => {
    const policy = 'permit(principal, action, resource in MCP::"srv");'
    expect(await new Server(policy).call('x')).toBe(ALLOW)
    expect(await new Server(policy, {}, 'other').call('x')).toBe(DENY)
  })

  test('C10, C18: what is forbidden goes before what is permitted', async () => {
    const forbid = `forbid(principal, action == Action::"call_tool", resource) when {
      resource has destructiveHint && resource.destructiveHint && !principal.claim_roles.contains("admin") };`
    const server = new Server([ALL, forbid, 'forbid(principal, action, resource == Tool::"x");'])
    expect(await server.call('destroyer', {}, { roles: ['user'] })).toBe(DENY)
    expect(await server.call('destroyer', {}, { roles: ['admin'] })).toBe(ALLOW)
    expect(await server.call('weather', {}, { roles: ['user'] })).toBe(ALLOW)
    expect(await server.call('x')).toBe(DENY)
  })

  test('C11, C12: by a hint; one that is absent and not asked for is an error', async () => {
    const guarded = new Server(call('resource', 'resource has readOnlyHint && resource.readOnlyHint == true'))
    expect(await guarded.names('tools')).toEqual(['reader'])
    const bare = new Server([ALL, call('resource', 'resource.readOnlyHint == true')])
    expect(await bare.call('reader')).toBe(ALLOW)
    expect(await bare.call('weather')).toBe(DENY)
  })

  test('C13, C14, C15: each kind by its own action; what is not there is refused like what is forbidden', async () => {
    const server = new Server(
      'permit(principal, action in [Action::"get_prompt", Action::"read_resource"], resource) unless { resource == Resource::"file:///etc/passwd" };',
    )
    expect(await server.names('tools')).toEqual([])
    expect(await server.names('prompts')).toEqual(['greet'])
    expect(await server.call('weather')).toBe(DENY)
    expect(await server.call('there is none')).toBe(DENY)
    expect(await server.read('file:///ok')).toBe(ALLOW)
    expect(await server.read('file:///etc/passwd')).toBe('denied: read denied by authorization policy')
    expect(await server.read('file:///absent')).toBe('denied: read denied by authorization policy')
  })

  test('C16: who has no subject gets nothing', async () => {
    expect(await new Server(ALL).call('x', {}, { sub: '' })).toBe(DENY)
  })

  test('C17: integers are integers', async () => {
    const server = new Server(call('resource', 'resource.arg_data_level <= principal.claim_clearance_level'))
    expect(await server.call('x', { data_level: 1 }, { clearance_level: 5 })).toBe(ALLOW)
    expect(await server.call('x', { data_level: 6 }, { clearance_level: 5 })).toBe(DENY)
    expect(await server.call('x', '{"data_level": 9007199254740993}', { clearance_level: 5 })).toBe(DENY)
  })
})

describe('beyond the reference', () => {
  test('a template is listed where some URI of it may be read, and each URI is judged for itself', async () => {
    const one = new Server(
      'permit(principal, action == Action::"read_resource", resource == Resource::"doc:///7");',
    )
    expect(await one.names('templates')).toEqual(['doc:///{id}'])
    expect(await one.read('doc:///7')).toBe(ALLOW)
    expect(await one.read('doc:///8')).toMatch('denied')
    const elsewhere = new Server(
      'permit(principal, action, resource) when { resource has uri && resource.uri like "file:*" };',
    )
    expect(await elsewhere.names('templates')).toEqual([])
    const whole = new Server('permit(principal, action, resource in Resource::"doc:///{id}");')
    expect(await whole.names('templates')).toEqual(['doc:///{id}'])
    expect(await whole.read('doc:///8')).toBe(ALLOW)
  })

  test('what the configuration knows of a tool is added to what the request says', async () => {
    const entities = JSON.stringify([
      {
        uid: { type: 'Tool', id: 'x' },
        attrs: { owner: 'user123', arg_n: 5 },
        parents: [{ type: 'Set', id: 's' }],
      },
    ])
    const server = new Server(
      call('resource in Set::"s"', 'resource.owner == principal.claim_sub && resource.arg_n == 1'),
      { entities },
    )
    expect(await server.call('x', { n: 1 })).toBe(ALLOW)
    expect(await server.call('x', { n: 1 }, { sub: 'other' })).toBe(DENY)
    expect(await server.call('x')).toBe(DENY)
  })

  test('groups come from the claim that the configuration names, at the end of a path', async () => {
    const server = new Server('permit(principal in Team::"a", action, resource);', {
      groupClaim: 'realm.teams',
      roleClaim: 'job',
      groupType: 'Team',
    })
    expect(await server.call('x', {}, { realm: { teams: ['a'] } })).toBe(ALLOW)
    expect(await server.call('x', {}, { job: 'a' })).toBe(ALLOW)
    expect(await server.call('x', {}, { groups: ['a'] })).toBe(DENY)
  })

  test.each([
    ['an argument twice', '{"path": "/ok", "path": "/etc"}'],
    ['an argument under another escape', '{"path": "/ok", "p\\u0061th": "/etc"}'],
    ['a list in the place of a text', '{"path": ["/etc"]}'],
    ['a number that is not exact', '{"path": 0.123456}'],
  ])('a rule about an argument is not evaded by %s', async (_, args) => {
    const forbid =
      'forbid(principal, action, resource) when { resource has arg_path && resource.arg_path like "/etc*" };'
    const server = new Server([ALL, forbid])
    expect(await server.call('x', { path: '/ok' })).toBe(ALLOW)
    expect(await server.call('x', args)).toBe(DENY)
  })

  test('lists and objects are sets and records, and say that they are there', async () => {
    const when = 'context.arg_tags_present && resource.arg_tags.contains("a") && resource.arg_o.n == 1'
    const server = new Server(call('resource', when))
    expect(await server.call('x', { tags: ['a', 'b'], o: { n: 1 } })).toBe(ALLOW)
    expect(await server.call('x', { tags: 'a', o: { n: 1 } })).toBe(DENY)
  })

  test('an argument that looks like an entity is none', async () => {
    const server = new Server(call('resource', 'context.arg_who == principal'))
    expect(await server.call('x', { who: { __entity: { type: 'Client', id: 'user123' } } })).toBe(DENY)
  })

  test('a method of an extension needs an action of its own, and is refused as if it were not there', async () => {
    const ask: Call = { kind: 'method', method: 'x/y', params: RawObject.empty }
    expect(await new Server(call('resource')).ask(ask)).toBe("method_not_found: method 'x/y' not found")
    const server = new Server(
      'permit(principal, action == Action::"call_method", resource == Method::"x/y");',
    )
    expect(await server.ask(ask)).toBe(ALLOW)
  })

  test('a list is worked out once for each principal', async () => {
    const caller = callerOf()
    const authorizer = new Authorizer({ policies: [{ text: ALL, place: 'p' }] }, { server: 's', matches })
    const gateway = admission(authorizer)(inner)
    expect(await gateway.list(caller, signal)).toBe(await gateway.list(caller, signal))
  })
})
