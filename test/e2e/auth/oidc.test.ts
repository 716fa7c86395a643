import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { eventually } from '../../fixtures/ask.ts'
import { runCli } from '../../fixtures/cli.ts'
import { closedAfterAll } from '../../fixtures/closed.ts'
import { config } from '../../fixtures/config.ts'
import { AUDIENCE, Idp } from '../../fixtures/idp/idp.ts'
import { ROOT } from '../../fixtures/root.ts'
import { type Child, Stage } from '../../fixtures/stage.ts'
import { connectV1, stdioDoor } from '../peers.ts'

const stage = closedAfterAll(new Stage())
let idp: Idp
let gateway: Child
let backend: string

const COMPOSITE = {
  name: 'twice',
  description: 'Calls a tool that needs a scope.',
  parameters: { type: 'object', properties: { text: { type: 'string' } } },
  steps: [{ id: 'first', tool: 'one_echo', arguments: { input: '{{.params.text}}' } }],
}

const oidc = (more: object = {}) => ({
  issuer: idp.issuer,
  audience: AUDIENCE,
  resource: AUDIENCE,
  clientId: idp.client.clientId,
  clientSecretEnv: 'IDP_SECRET',
  scopes: ['mcp'],
  insecureAllowHttp: true,
  jwksAllowPrivateIp: true,
  ...more,
})

function start(more: object = {}, args: readonly string[] = []): Promise<Child> {
  const incomingAuth = { type: 'oidc', oidc: oidc(more) }
  return stage.gateway({
    config: config([{ name: 'one', url: backend }], { incomingAuth, compositeTools: [COMPOSITE] }),
    env: { IDP_SECRET: idp.client.clientSecret },
    args,
  })
}

beforeAll(async () => {
  idp = await Idp.start()
  stage.defer(() => idp.close())
  backend = (await stage.hosted('echo', { era: 'legacy' })).ready
  gateway = await start({ requiredScopes: { tools: { one_echo: ['write'] } } })
})
const INITIALIZE = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } },
}
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const ACCEPT = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' }

function post(body: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(gateway.ready, {
    method: 'POST',
    headers: { ...ACCEPT, ...headers },
    body: JSON.stringify(body),
  })
}

async function session(headers: Record<string, string>): Promise<Record<string, string>> {
  const reply = await post(INITIALIZE, headers)
  return { 'mcp-session-id': reply.headers.get('mcp-session-id') ?? '' }
}

const call = (name: string, args: object = { input: 'x' }) => ({
  jsonrpc: '2.0',
  id: 7,
  method: 'tools/call',
  params: { name, arguments: args },
})

describe('a server of tokens, as it is started', () => {
  test('tells who has none where to get one, and the metadata is there', async () => {
    const reply = await post(INITIALIZE)
    expect(reply.status).toBe(401)
    const challenge = reply.headers.get('www-authenticate') ?? ''
    expect(challenge).toMatch(/^Bearer realm="http:.*", resource_metadata="https:.*", scope="mcp"$/)
    const path = new URL(/resource_metadata="([^"]+)"/.exec(challenge)?.[1] ?? '').pathname
    const metadata = await (await fetch(new URL(path, gateway.ready))).json()
    expect(metadata).toMatchObject({
      resource: AUDIENCE,
      authorization_servers: [idp.issuer],
      bearer_methods_supported: ['header'],
    })
  })

  test.each(['jwt', 'opaque'] as const)(
    'serves who has a good one, and knows it again (%s)',
    async (format) => {
      const headers = bearer(await idp.token({ format, scope: 'mcp write' }))
      const own = { ...headers, ...(await session(headers)) }
      const reply = await post(call('one_echo'), own)
      expect([reply.status, await reply.text()]).toEqual([200, expect.stringContaining('"x"')])
    },
  )

  test('refuses a tool whose scope is lacking, and composite tools that call it', async () => {
    const headers = bearer(await idp.token({ scope: 'mcp' }))
    const own = { ...headers, ...(await session(headers)) }
    const refused = await post(call('one_echo'), own)
    expect(refused.status).toBe(403)
    expect(refused.headers.get('www-authenticate')).toContain('scope="mcp write", error="insufficient_scope"')
    const composite = await post(call('twice', { text: 'x' }), own)
    expect(await composite.json()).toMatchObject({ result: { isError: true } })
    const strong = bearer(await idp.token({ scope: 'mcp write' }))
    expect(await (await post(call('twice', { text: 'x' }), { ...own, ...strong })).text()).not.toContain(
      'isError',
    )
  })

  test('has nothing of a token in its log, whatever happens', async () => {
    const token = await idp.token({ scope: 'other' })
    await post(INITIALIZE, bearer(token))
    await post(INITIALIZE, bearer(`${token}x`))
    expect(gateway.stderr()).not.toContain(token.slice(-30))
  })

  test('sends no token on to a backend', async () => {
    const hdr = await stage.hosted('hdr', { era: 'legacy' })
    const incomingAuth = { type: 'oidc', oidc: oidc() }
    const other = await stage.gateway({
      config: config([{ name: 'hdr', url: hdr.ready }], { incomingAuth }),
      env: { IDP_SECRET: idp.client.clientSecret },
    })
    const headers = { ...ACCEPT, ...bearer(await idp.token()) }
    const send = (body: object, more = {}) =>
      fetch(other.ready, { method: 'POST', headers: { ...headers, ...more }, body: JSON.stringify(body) })
    const id = (await send(INITIALIZE)).headers.get('mcp-session-id') ?? ''
    const list = await (
      await send({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, { 'mcp-session-id': id })
    ).json()
    const [tool] = (list as { result: { tools: { name: string }[] } }).result.tools
    const text = await (await send(call(tool?.name ?? '', {}), { 'mcp-session-id': id })).text()
    expect(text).toContain('mcp-protocol-version')
    expect(text).not.toContain('authorization')
  })

  test('may listen on every address, which others may not', async () => {
    const open = await start({}, ['--host', '0.0.0.0'])
    expect((await fetch(open.ready.replace('0.0.0.0', '127.0.0.1'), { method: 'POST' })).status).toBe(401)
  })
})

test('scopes for a tool that nobody has are warned of, at their line', async () => {
  const incomingAuth = {
    type: 'oidc',
    oidc: oidc({ requiredScopes: { tools: { echo: ['a'], one_echo: ['a'] } } }),
  }
  const file = await stage.file('vmcp.yaml', config([{ name: 'one', url: backend }], { incomingAuth }))
  const judged = await runCli(['validate', '--connect', '--config', file], { IDP_SECRET: 'x' })
  expect(judged.code, judged.output).toBe(0)
  expect(judged.output).toMatch(/vmcp.yaml:\d+:\d+.*no tool is called "echo"/)
  expect(judged.output).not.toContain('"one_echo"')
})

test('the configuration in the documentation does what is said there', async () => {
  const page = await readFile(join(ROOT, 'docs/authentication.md'), 'utf8')
  const [, yaml = ''] = /^```yaml\n([\s\S]*?)^```$/m.exec(page) ?? []
  const written = parse(yaml) as { incomingAuth: { oidc: object }; backends: { url: string }[] }
  Object.assign(written.incomingAuth.oidc, {
    ...{ issuer: idp.issuer, audience: AUDIENCE, insecureAllowHttp: true, jwksAllowPrivateIp: true },
  })
  const lists = await stage.hosted('github', { era: 'legacy' })
  Object.assign(written.backends[0] ?? {}, { url: lists.ready })
  const { ready } = await stage.gateway({ config: written })
  const statusOf = async (scope: string | undefined, name: string) => {
    const meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
    }
    const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': name }
    const credentials = scope === undefined ? {} : bearer(await idp.token({ scope }))
    const body = { ...call(name, { title: 't' }), params: { name, arguments: { title: 't' }, _meta: meta } }
    const init = { method: 'POST', body: JSON.stringify(body) }
    return (await fetch(ready, { ...init, headers: { ...ACCEPT, ...headers, ...credentials } })).status
  }
  const tool = 'github_create_issue'
  await eventually(async () => expect(await statusOf('mcp admin', tool)).toBe(200))
  expect(await statusOf(undefined, tool)).toBe(401)
  expect(await statusOf('mcp', 'github_list_repos')).toBe(403)
  expect(await statusOf('mcp tools', 'github_list_repos')).toBe(200)
  expect(await statusOf('mcp tools', tool)).toBe(403)
})

test('a server without tokens has no metadata of them', async () => {
  const open = await stage.gateway({ config: config([{ name: 'one', url: backend }]) })
  const reply = await fetch(new URL('/.well-known/oauth-protected-resource', open.ready))
  expect([reply.status, await reply.json()]).toEqual([404, { error: 'not_found' }])
})

test('on stdin is the user, who is asked for no token', async () => {
  const incomingAuth = { type: 'oidc', oidc: { issuer: 'https://i.example', audience: 'a', scopes: ['mcp'] } }
  const file = await stage.file('vmcp.yaml', config([{ name: 'one', url: backend }], { incomingAuth }))
  const peer = await connectV1(stage, stdioDoor(file))
  await eventually(async () => expect(await peer.callText('one_echo', { input: 'hello' })).toContain('hello'))
})

test('a server of the local user knows everybody by that name', async () => {
  const local = await stage.gateway({
    config: config([{ name: 'one', url: backend }], { incomingAuth: { type: 'local' } }),
  })
  expect(
    (await fetch(local.ready, { method: 'POST', headers: ACCEPT, body: JSON.stringify(INITIALIZE) })).status,
  ).toBe(200)
})
