import { generateKeyPairSync } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { StsStandIn } from '../../fixtures/aws/sts.ts'
import { closedAfterAll } from '../../fixtures/closed.ts'
import type { Idp } from '../../fixtures/idp/idp.ts'
import { type Child, Stage } from '../../fixtures/stage.ts'
import { AllThatIsWritten } from './all-that-is-written.ts'
import { Secrets, type Texts } from './leaks.ts'
import { as, client, guarded, SECRET, startIdp } from './parts.ts'
import { Recorder, say } from './recorder.ts'

const stage = closedAfterAll(new Stage())
const API_KEY = 'api-key-of-one-backend-4711'
const SERVICE_KEY = 'service-key-of-another-0815'
const LAST = 'the last of all'
const TARGET = 'https://target.example/mcp'
const NAMES = ['pass', 'exchange', 'own', 'cross', 'header', 'service', 'claims', 'aws'] as const
const TROUBLES = ['refuses', 'forbids', 'breaks', 'redirects', 'unserved'] as const

let idp: Idp
let target: Idp
let sts: StsStandIn
let gateway: Child
let written: Texts
let elsewhere: Recorder
const recorders = new Map<string, Recorder>()
const mine: string[] = []
/** What clients were answered. */
const answers: string[] = []

const key = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
}).privateKey

beforeAll(async () => {
  ;[idp, target] = await Promise.all([startIdp(stage), startIdp(stage)])
  target.trust(idp)
  sts = await StsStandIn.start()
  stage.defer(() => sts.close())
  elsewhere = await Recorder.start(stage)
  for (const name of NAMES) recorders.set(name, await Recorder.start(stage))
  await startTroubles()
  const all = await AllThatIsWritten.start(stage)
  gateway = await guarded(stage, idp, strategies(), {
    env: { API_KEY, SERVICE_KEY, SIGNING_KEY: key },
    ...{ args: all.args, more: all.more },
  })
  await call()
  written = { ...(await all.by(gateway, LAST)), answers: answers.join('\n') }
}, 60_000)
/** Backends that say back what they were sent, and that send us to others. */
async function startTroubles(): Promise<void> {
  const echo = (status: number) =>
    Recorder.start(stage, ({ headers }, res, id) => {
      const { authorization = '' } = headers
      const error = { code: -32001, message: `not with ${authorization}` }
      const challenge = `Bearer error="invalid_token", error_description="${authorization}", scope="${authorization.slice(7, 60)}"`
      say(res, { jsonrpc: '2.0', id, error }, status, { 'www-authenticate': challenge })
    })
  recorders.set('refuses', await echo(401))
  recorders.set('forbids', await echo(403))
  recorders.set('breaks', await echo(500))
  recorders.set(
    'redirects',
    await Recorder.start(stage, (_, res) => void res.writeHead(307, { location: elsewhere.url }).end()),
  )
  recorders.set('unserved', await Recorder.start(stage))
}

function strategies() {
  const exchange = (audience: string) => ({
    type: 'token_exchange',
    tokenExchange: { ...client(idp), audience, scopes: ['read'] },
  })
  const xaa = {
    idpTokenUrl: `${idp.issuer}/token`,
    ...{ idpClientId: 'vmcp', idpClientSecretEnv: 'IDP_SECRET' },
    ...{ targetTokenUrl: `${target.issuer}/token`, targetAudience: target.issuer, targetResource: TARGET },
    ...{ targetClientId: 'vmcp', targetClientSecretEnv: 'IDP_SECRET', subjectTokenType: 'access_token' },
  }
  const all: Record<string, object> = {
    pass: { type: 'pass_through' },
    exchange: exchange('https://exchange.example'),
    own: {
      type: 'client_credentials',
      clientCredentials: { ...client(idp), resource: 'https://own.example', scopes: ['read'] },
    },
    cross: { type: 'xaa', xaa },
    header: {
      type: 'header_injection',
      headerInjection: { headerName: 'X-Api-Key', headerValueEnv: 'API_KEY' },
    },
    service: {
      type: 'service_account',
      service_account: { credentials_env: 'SERVICE_KEY', header_name: 'Authorization' },
    },
    claims: {
      type: 'mapped_claims',
      mappedClaims: {
        headers: [{ claim: 'sub', header: 'X-User' }],
        jwt: { header: 'X-User-Token', issuer: 'vmcp', audience: 'claims', keyEnv: 'SIGNING_KEY' },
      },
    },
    aws: {
      type: 'aws_sts',
      awsSts: {
        region: 'eu-west-1',
        stsEndpoint: sts.url,
        fallbackRoleArn: 'arn:aws:iam::123456789012:role/r',
      },
    },
    refuses: exchange('https://refuses.example'),
    forbids: exchange('https://forbids.example'),
    breaks: exchange('https://breaks.example'),
    redirects: exchange('https://redirects.example'),
    unserved: exchange('https://forbidden.example'),
  }
  return Object.fromEntries(
    Object.entries(all).map(([name, strategy]) => [name, { url: recorders.get(name)?.url ?? '', strategy }]),
  )
}

async function call(): Promise<void> {
  for (const subject of ['alice', 'bob']) {
    const token = await idp.token({ subject })
    mine.push(token)
    const caller = as(stage, gateway, token)
    answers.push((await caller.request('tools/list')).text)
    for (const name of [...NAMES, ...TROUBLES]) {
      const { text } = await caller.request('tools/call', {
        name: `${name}_note`,
        arguments: { for: subject },
      })
      answers.push(`${name}: ${text}`)
    }
  }
  await as(stage, gateway, mine[0] as string).request('tools/call', {
    name: 'pass_note',
    arguments: { for: LAST },
  })
}

const recorder = (name: string) => recorders.get(name) as Recorder
const tokensAt = (name: string) => recorder(name).sent('authorization')

function secrets(): Secrets {
  const found = new Secrets()
  const add = found.add.bind(found)
  add('the environment', [...Object.values(SECRET), API_KEY, SERVICE_KEY, key.split('\n')[1] ?? ''])
  add('clients', mine)
  for (const { granted } of [idp, target])
    add(
      'a provider',
      granted.map(({ token }) => token),
    )
  for (const [name, { seen }] of recorders) {
    add(
      name,
      seen.flatMap(({ authorization }) => authorization ?? []),
    )
    for (const header of ['x-user-token', 'x-amz-security-token', 'x-api-key'])
      add(name, recorder(name).sent(header))
  }
  add(
    'AWS',
    sts.issued.flatMap(({ secretAccessKey, sessionToken }) => [secretAccessKey, sessionToken]),
  )
  return found
}

test('every backend has had the credentials that are for it', () => {
  const counts = NAMES.map((name) => [name, tokensAt(name).length] as const)
  expect(Object.fromEntries(counts)).toMatchObject({ pass: 2, own: 1, cross: 3, service: 1, header: 0 })
  expect(tokensAt('exchange')).toHaveLength(3)
  expect(recorder('header').sent('x-api-key')).toEqual([API_KEY])
  expect(recorder('claims').sent('x-user').sort()).toEqual(['alice', 'bob'])
  expect(recorder('aws').sent('x-amz-security-token')).toHaveLength(2)
  for (const name of NAMES)
    expect(answers.filter((it) => it.startsWith(`${name}: `) && it.includes('noted'))).toHaveLength(2)
})

describe('a credential never reaches', () => {
  test('the log, an error, the audit log, a metric, a trace, or the status', () => {
    const all = secrets()
    expect(all.size).toBeGreaterThan(20)
    expect(written['log']).toContain('backend connected')
    all.expectNotIn(written)
  })

  test('another backend', () => {
    const names = [...recorders.keys()]
    for (const one of names)
      for (const other of names) {
        if (one === other) continue
        const shared = tokensAt(one).filter((token) => tokensAt(other).includes(token))
        expect(shared, `${one} and ${other}`).toEqual([])
      }
    for (const name of names) {
      if (name === 'pass') continue
      for (const token of mine) expect(JSON.stringify(recorder(name).seen), name).not.toContain(token)
    }
    for (const secret of Object.values(SECRET))
      expect(JSON.stringify([...recorders.values()].map(({ seen }) => seen))).not.toContain(secret)
  })

  test('another host by a redirect', () => {
    expect(recorder('redirects').seen.length).toBeGreaterThan(0)
    expect(elsewhere.seen).toEqual([])
  })

  test('a backend that there are none for', () => {
    expect(answers.filter((it) => it.startsWith('unserved: ')).join()).toContain('invalid_target')
    const calls = recorder('unserved').seen.filter(({ authorization }) => authorization?.includes('alice'))
    expect(calls).toEqual([])
  })
})

test('our own requests never have the credentials of a user', () => {
  for (const name of ['exchange', 'cross', 'pass']) {
    const [first] = recorder(name).seen
    const { authorization = '' } = first ?? {}
    const users = [...idp.granted, ...target.granted].map(({ token }) => `Bearer ${token}`)
    expect([...users, ...mine.map((token) => `Bearer ${token}`)], name).not.toContain(authorization)
  }
})
