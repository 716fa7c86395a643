import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from '@modelcontextprotocol/client'
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { beforeAll, describe, expect, test } from 'vitest'
import { closedAfterAll } from '../../fixtures/closed.ts'
import { config } from '../../fixtures/config.ts'
import { browse } from '../../fixtures/idp/browser.ts'
import { Idp, PUBLIC_CLIENT } from '../../fixtures/idp/idp.ts'
import { freePort } from '../../fixtures/ports.ts'
import { Stage } from '../../fixtures/stage.ts'

// Clients as their users have them find the provider by themselves, log in there, and come back with a token.

const stage = closedAfterAll(new Stage())
let idp: Idp
let url: URL

beforeAll(async () => {
  idp = await Idp.start()
  stage.defer(() => idp.close())
  const backend = await stage.hosted('echo', { era: 'both' })
  const port = await freePort()
  const own = `http://127.0.0.1:${port}/mcp`
  const oidc = { issuer: idp.issuer, audience: own, resource: own, scopes: ['mcp'], insecureAllowHttp: true }
  const requiredScopes = { tools: { one_echo: ['write'] } }
  const incomingAuth = { type: 'oidc', oidc: { ...oidc, jwksAllowPrivateIp: true, requiredScopes } }
  const served = config([{ name: 'one', url: backend.ready }], { incomingAuth })
  await stage.gateway({ config: served, args: ['--port', String(port)] })
  url = new URL(own)
})
/** What an application keeps for its user. The browser is one that agrees to everything. */
class Wallet {
  readonly asked: string[] = []
  readonly redirectUrl = PUBLIC_CLIENT.redirect_uri
  readonly clientMetadata = {
    redirect_uris: [PUBLIC_CLIENT.redirect_uri],
    token_endpoint_auth_method: 'none',
  }
  callback = new URLSearchParams()
  #tokens: unknown
  #verifier = ''

  clientInformation() {
    return { client_id: PUBLIC_CLIENT.client_id }
  }

  tokens() {
    return this.#tokens as undefined
  }

  saveTokens(tokens: unknown): void {
    this.#tokens = tokens
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier
  }

  codeVerifier(): string {
    return this.#verifier
  }

  async redirectToAuthorization(to: URL): Promise<void> {
    this.asked.push(to.searchParams.get('scope') ?? '')
    this.callback = await browse(to, PUBLIC_CLIENT.redirect_uri)
  }
}

const info = { name: 'test', version: '1' }

/** Of one version of the SDK: connects, and calls once there is a token. */
interface Kind {
  readonly name: string
  readonly open: (wallet: Wallet) => { client: ClientV1 | ClientV2; transport: HttpV1 | HttpV2 }
}

const KINDS: readonly Kind[] = [
  {
    name: 'the SDK 1.x',
    open: (wallet) => ({
      client: new ClientV1(info),
      transport: new HttpV1(url, { authProvider: wallet as never }),
    }),
  },
  {
    name: 'the SDK 2.x',
    open: (wallet) => ({
      client: new ClientV2(info),
      transport: new HttpV2(url, { authProvider: wallet as never }),
    }),
  },
  {
    name: 'the SDK 2.x, of 2026-07-28',
    open: (wallet) => ({
      client: new ClientV2(info, { versionNegotiation: { mode: { pin: '2026-07-28' } } }),
      transport: new HttpV2(url, { authProvider: wallet as never }),
    }),
  },
]

function finish(transport: HttpV1 | HttpV2, { callback }: Wallet): Promise<void> {
  return transport instanceof HttpV2
    ? transport.finishAuth(callback)
    : transport.finishAuth(callback.get('code') ?? '')
}

describe.each(KINDS)('a client on $name', ({ open }) => {
  test('finds its way from 401 to a token, and from 403 to one with more scopes', async () => {
    const wallet = new Wallet()
    const first = open(wallet)
    await expect(first.client.connect(first.transport as never)).rejects.toThrow(/Unauthorized/i)
    await finish(first.transport, wallet)
    const { client, transport } = open(wallet)
    await client.connect(transport as never)
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual(['one_echo'])
    expect(wallet.asked).toEqual(['mcp'])
    const call = () => client.callTool({ name: 'one_echo', arguments: { input: 'hello' } })
    await expect(call()).rejects.toThrow()
    expect(wallet.asked.at(-1)?.split(' ')).toContain('write')
    await finish(transport, wallet)
    expect(JSON.stringify(await call())).toContain('hello')
    await client.close()
  })
})

test('the error that the SDK has for it is the one that it throws', async () => {
  const { client, transport } = (KINDS[0] as Kind).open(new Wallet())
  await expect(client.connect(transport as never)).rejects.toBeInstanceOf(UnauthorizedError)
})
