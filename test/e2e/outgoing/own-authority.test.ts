import { copyFile, readFile, rename } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { eventually } from '../../fixtures/ask.ts'
import { closedAfterAll } from '../../fixtures/closed.ts'
import type { Idp } from '../../fixtures/idp/idp.ts'
import { ROOT } from '../../fixtures/root.ts'
import { type Child, Stage } from '../../fixtures/stage.ts'
import { as, claimsOf, client, guarded, startIdp } from './parts.ts'
import { Recorder } from './recorder.ts'

const stage = closedAfterAll(new Stage())
const TLS = join(ROOT, 'src/backends/testing/tls')

let idp: Idp
/** The provider behind a certificate that only `authority.pem` vouches for. */
let secure: Awaited<ReturnType<typeof startSecure>>
let bundle: string
let recorders: Readonly<Record<'exchange' | 'own' | 'without', Recorder>>
let gateway: Child

beforeAll(async () => {
  idp = await startIdp(stage)
  secure = await startSecure()
  bundle = join(await stage.folder(), 'ca.pem')
  await trust('cert.pem')
  const [exchange, own, without] = await Promise.all([1, 2, 3].map(() => Recorder.start(stage)))
  recorders = { exchange, own, without } as typeof recorders
  const there = { ...client(idp), tokenUrl: `${secure.url}/token` }
  const trusting = { ...there, caBundlePath: bundle }
  const exchanged = (more: object) => ({
    type: 'token_exchange',
    tokenExchange: { ...more, audience: 'https://backend.example' },
  })
  gateway = await guarded(stage, idp, {
    exchange: { url: recorders.exchange.url, strategy: exchanged(trusting) },
    own: {
      url: recorders.own.url,
      strategy: {
        type: 'client_credentials',
        clientCredentials: { ...trusting, resource: 'https://own.example' },
      },
    },
    without: { url: recorders.without.url, strategy: exchanged(there) },
  })
})

async function startSecure() {
  const [cert, key] = await identity('leaf')
  const server = createServer({ cert, key }, (req, res) => {
    // Every request has a handshake.
    res.setHeader('connection', 'close')
    idp.answer(req, res)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stage.defer(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, become: (next: { cert: Buffer; key: Buffer }) => server.setSecureContext(next) }
}

async function identity(name: 'leaf' | 'cert'): Promise<[Buffer, Buffer]> {
  const key = name === 'leaf' ? 'leaf-key.pem' : 'key.pem'
  return Promise.all([readFile(join(TLS, `${name}.pem`)), readFile(join(TLS, key))])
}

/** The file of authorities becomes this one, in one step. */
async function trust(name: string): Promise<void> {
  await copyFile(join(TLS, name), `${bundle}.next`)
  await rename(`${bundle}.next`, bundle)
}

async function answer(subject: string, backend: keyof typeof recorders): Promise<string> {
  const caller = as(stage, gateway, await idp.token({ subject }))
  const { text } = await caller.request('tools/call', { name: `${backend}_note`, arguments: {} })
  return text
}

/** Whose tokens a backend was sent; the gateway's own are opaque. */
const subjectsAt = (recorder: Recorder) =>
  recorder
    .sent('authorization')
    .filter((it) => it.split('.').length === 3)
    .map((it) => claimsOf(it)['sub'])

test('a token endpoint whose authority is not trusted gets nothing, and the log says why', async () => {
  for (const name of ['exchange', 'without'] as const)
    expect(await answer('alice', name)).toContain('the token exchange cannot be asked for a token')
  await eventually(() => expect(gateway.stderr()).toMatch(/there is no token for a backend.*certificate/))
  expect(idp.granted).toEqual([])
  expect(recorders.exchange.sent('authorization')).toEqual([])
})

test('its own authority is trusted from when it is in the file, without a restart', async () => {
  await trust('authority.pem')
  await eventually(async () => expect(await answer('bob', 'exchange')).toContain('noted'))
  expect(subjectsAt(recorders.exchange)).toContain('bob')
  await eventually(async () => expect(await answer('bob', 'own')).toContain('noted'))
  expect(await answer('bob', 'without')).toContain('cannot be asked for a token')
  expect(recorders.without.sent('authorization')).toEqual([])
})

test('another certificate of another authority is trusted from when that is in the file', async () => {
  const [cert, key] = await identity('cert')
  secure.become({ cert, key })
  expect(await answer('carol', 'exchange')).toContain('cannot be asked for a token')
  await trust('cert.pem')
  await eventually(async () => expect(await answer('dave', 'exchange')).toContain('noted'))
  expect(subjectsAt(recorders.exchange)).not.toContain('carol')
})
