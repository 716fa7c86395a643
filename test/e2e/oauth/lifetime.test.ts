import { describe, expect, test } from 'vitest'
import { callText, eventually, toolNames } from '../../fixtures/ask.ts'
import { runCli } from '../../fixtures/cli.ts'
import { closedAfterEach } from '../../fixtures/closed.ts'
import { login } from '../../fixtures/login.ts'
import { freePort } from '../../fixtures/ports.ts'
import { Stage } from '../../fixtures/stage.ts'
import { freshState, type Protected, protect, startIdp, withLogin } from './protected.ts'

const stage = closedAfterEach(new Stage())
const TOOL = 'remote_inner_echo'

interface Scene extends Protected {
  readonly file: string
  readonly env: NodeJS.ProcessEnv
}

async function scene(more: Parameters<typeof protect>[1] = {}): Promise<Scene> {
  const there = await protect(stage, more)
  const env = await freshState(stage)
  return { ...there, env, file: await stage.file('vmcp.yaml', withLogin(there.url)) }
}

function serve({ file, env }: Scene) {
  return stage.gateway({ args: ['--config', file], env })
}

const echo = (url: string) => callText(url, TOOL, { input: 'hi' })

function tokenRequests({ idp }: Protected): number {
  return idp.asked.filter((path) => path === '/token').length
}

/** Opaque tokens, which the provider can take back, and a backend that asks about each of them. */
const OPAQUE = { clientId: 'vmcp', clientSecretEnv: 'INTROSPECTION_SECRET', introspectionCacheTtl: '0s' }

describe('the token of a login', () => {
  test('is replaced when it ends, again and again, with refresh tokens that are good once', async () => {
    const one = await scene({ oidc: { clockSkew: '0s' } })
    one.idp.issued.ttlSeconds = 2
    await login('remote', ['--config', one.file], one.env)
    const gateway = await serve(one)
    await eventually(async () => expect(await toolNames(gateway.ready)).toEqual([TOOL]))
    const before = tokenRequests(one)
    const end = performance.now() + 5_000
    while (performance.now() < end) expect(await echo(gateway.ready)).toBe('hi')
    expect(tokenRequests(one) - before).toBeGreaterThanOrEqual(2)
    expect(tokenRequests(one) - before).toBeLessThanOrEqual(8)
  })

  test('is replaced by one of two gateways that share it, both of which go on', async () => {
    const one = await scene({ oidc: { clockSkew: '0s' } })
    one.idp.issued.ttlSeconds = 3
    await login('remote', ['--config', one.file], one.env)
    const gateways = [await serve(one), await serve(one)]
    for (const { ready } of gateways)
      await eventually(async () => expect(await toolNames(ready)).toEqual([TOOL]))
    const end = performance.now() + 8_000
    // The provider takes back everything when a refresh token is used twice.
    while (performance.now() < end)
      expect(await Promise.all(gateways.flatMap(({ ready }) => [echo(ready), echo(ready)]))).toEqual(
        Array(4).fill('hi'),
      )
  })

  test('that was taken back is told of by the name of the backend, with what to do, and found by doctor', async () => {
    const one = await scene({ oidc: OPAQUE })
    one.idp.issued.format = 'opaque'
    await login('remote', ['--config', one.file], one.env)
    const gateway = await serve(one)
    await eventually(async () => expect(await echo(gateway.ready)).toBe('hi'))
    await one.idp.withdraw()
    await expect(echo(gateway.ready)).rejects.toThrow(/backend 'remote'.*run `vmcp login remote`/)
    const doctor = await runCli(['doctor', '--config', one.file, '--port', '0', '--wait', '3s'], one.env)
    expect(doctor.output).toMatch(/remote: it answered 401\n +.*; run `vmcp login remote`/)
    await login('remote', ['--config', one.file], one.env)
    await eventually(async () => expect(await echo(gateway.ready)).toBe('hi'))
  })
})

test('a call that needs more than the login has names the scopes, and works after the next login', async () => {
  const one = await scene({ oidc: { requiredScopes: { tools: { inner_echo: ['write', 'admin'] } } } })
  await login('remote', ['--config', one.file], one.env)
  const gateway = await serve(one)
  await eventually(async () => expect(await toolNames(gateway.ready)).toEqual([TOOL]))
  await expect(echo(gateway.ready)).rejects.toThrow(
    /backend 'remote': .*lacks scopes.*write admin.*`vmcp login remote`/,
  )
  const more = await login('remote', ['--config', one.file], one.env)
  const { scopes } = JSON.parse(more.stdout.trim().split('\n').at(-1) ?? '') as { scopes: string[] }
  expect(scopes).toEqual(expect.arrayContaining(['mcp', 'write', 'admin']))
  await eventually(async () => expect(await echo(gateway.ready)).toBe('hi'))
})

describe('vmcp logout', () => {
  test('has the tokens taken back, and forgets them', async () => {
    const one = await scene({ oidc: OPAQUE })
    one.idp.issued.format = 'opaque'
    await login('remote', ['--config', one.file], one.env)
    const gateway = await serve(one)
    await eventually(async () => expect(await echo(gateway.ready)).toBe('hi'))
    const out = await runCli(['logout', 'remote', '--config', one.file], one.env)
    expect(out).toMatchObject({ code: 0, stdout: '✓ logged out of remote\n', stderr: '' })
    expect(one.idp.asked.filter((path) => path === '/token/revocation').length).toBe(2)
    await eventually(() => expect(echo(gateway.ready)).rejects.toThrow(/run `vmcp login remote`/))
    const again = await runCli(['logout', 'remote', '--config', one.file], one.env)
    expect(again.stdout).toBe('nobody has logged in to remote\n')
  })
})

describe('who vmcp is at a provider', () => {
  test('can be told by the address of its metadata', async () => {
    const clientId = 'https://vmcp.example/client.json'
    const metadata = {
      client_id: clientId,
      client_name: 'vmcp',
      redirect_uris: ['http://127.0.0.1/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      application_type: 'native',
      token_endpoint_auth_method: 'none',
    }
    const published = async (url: unknown) => {
      if (String(url) !== clientId) throw new Error(`${url} is not published`)
      return new Response(JSON.stringify(metadata), { headers: { 'content-type': 'application/json' } })
    }
    const idp = await startIdp(stage, {
      features: { clientIdMetadataDocument: { enabled: true, ack: 'draft-02' } },
      fetch: published as typeof fetch,
    })
    const { url } = await protect(stage, { idp })
    const env = await freshState(stage)
    const file = await stage.file('vmcp.yaml', withLogin(url, { clientIdMetadataUrl: clientId }))
    const outcome = await login('remote', ['--config', file], env)
    expect(outcome).toMatchObject({ code: 0, stderr: '' })
    const gateway = await stage.gateway({ args: ['--config', file], env })
    await eventually(async () => expect(await echo(gateway.ready)).toBe('hi'))
  })

  test('can be set up beforehand, with a secret and a port', async () => {
    const port = await freePort()
    const client = {
      client_id: 'operator',
      client_secret: 'a secret of the operator',
      redirect_uris: [`http://127.0.0.1:${port}/callback`],
      grant_types: ['authorization_code', 'refresh_token'],
      application_type: 'native' as const,
    }
    const idp = await startIdp(stage, { clients: [client] })
    const { url } = await protect(stage, { idp })
    const env = { ...(await freshState(stage)), LOGIN_SECRET: client.client_secret }
    const oauth = {
      issuer: idp.issuer,
      clientId: 'operator',
      clientSecretEnv: 'LOGIN_SECRET',
      redirectPort: port,
    }
    const file = await stage.file('vmcp.yaml', withLogin(url, oauth))
    expect(await login('remote', ['--config', file], env)).toMatchObject({ code: 0, stderr: '' })
    const gateway = await stage.gateway({ args: ['--config', file], env })
    await eventually(async () => expect(await echo(gateway.ready)).toBe('hi'))
  })
})
