import { beforeAll, describe, expect, test } from 'vitest'
import { closedAfterAll } from '../../fixtures/closed.ts'
import type { Json } from '../../fixtures/fixture.ts'
import type { Idp } from '../../fixtures/idp/idp.ts'
import { type Child, Stage } from '../../fixtures/stage.ts'
import { protect } from '../oauth/protected.ts'
import { as, client, guarded, startIdp } from './parts.ts'

const stage = closedAfterAll(new Stage())
let idp: Idp
let gateway: Child
let resource: string

/** Callers' tokens are JWTs, those for the backend are opaque, and it asks about each of them every time. */
beforeAll(async () => {
  idp = await startIdp(stage)
  idp.issued.format = 'opaque'
  const { url } = await protect(stage, {
    idp,
    oidc: {
      clientId: idp.client.clientId,
      clientSecretEnv: 'INTROSPECTION_SECRET',
      introspectionCacheTtl: '0s',
      requiredScopes: { methods: { 'prompts/list': ['mcp'] }, tools: { inner_echo: ['write'] } },
    },
  })
  resource = url
  const exchange = (scopes: string[]) => ({
    url,
    strategy: { type: 'token_exchange', tokenExchange: { ...client(idp), resource: url, scopes } },
  })
  gateway = await guarded(stage, idp, { back: exchange(['mcp', 'write']), weak: exchange(['mcp']) })
}, 60_000)
const granted = () => idp.granted.filter(({ params }) => params['scope'] === 'mcp write')

async function say(caller: ReturnType<typeof as>, backend = 'back'): Promise<Json> {
  const { message } = await caller.request('tools/call', {
    name: `${backend}_inner_echo`,
    arguments: { input: 'hello' },
  })
  return message as unknown as Json
}

describe('a backend that wants tokens of a real provider', () => {
  test('gets one for each caller, and another when that was withdrawn', async () => {
    const alice = as(stage, gateway, await idp.token({ subject: 'alice' }))
    expect(JSON.stringify(await say(alice))).toContain('hello')
    const [first] = granted()
    expect(first?.params).toMatchObject({ resource })
    await idp.revoke(first?.token ?? '')
    expect(JSON.stringify(await say(alice))).toContain('hello')
    expect(granted()).toHaveLength(2)
    expect(JSON.stringify(await say(alice))).toContain('hello')
    expect(granted()).toHaveLength(2)
  })

  test('that wants more scopes is named with them, and asked once', async () => {
    const bob = as(stage, gateway, await idp.token({ subject: 'bob' }))
    expect(JSON.stringify(await say(bob, 'weak'))).toMatch(
      /backend 'weak': answered 403: it does not accept the token that was got for it by token_exchange; check audience, resource and scopes, and whom it trusts \(it says insufficient_scope and wants the scopes (mcp write|write mcp)\)/,
    )
  })
})
