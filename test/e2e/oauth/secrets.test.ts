import { beforeAll, describe, expect, test } from 'vitest'
import { ask, eventually } from '../../fixtures/ask.ts'
import { runCli } from '../../fixtures/cli.ts'
import { closedAfterAll } from '../../fixtures/closed.ts'
import { config } from '../../fixtures/config.ts'
import type { Idp } from '../../fixtures/idp/idp.ts'
import { login, pastedLogin } from '../../fixtures/login.ts'
import { freePort } from '../../fixtures/ports.ts'
import { type Child, Stage } from '../../fixtures/stage.ts'
import { AllThatIsWritten } from '../outgoing/all-that-is-written.ts'
import { Secrets, type Texts } from '../outgoing/leaks.ts'
import { Recorder } from '../outgoing/recorder.ts'
import { startTroubles, TROUBLES } from './guarded.ts'
import { freshState, REGISTERING, startIdp } from './protected.ts'

const stage = closedAfterAll(new Stage())
const LAST = 'the last of all'
const OPERATOR = { client_id: 'operator', client_secret: 'the secret of a client that was set up beforehand' }
/** Of backends that take every token, and of one whose login ends while it is used. */
const NAMES = ['plain', 'secret', 'dead'] as const
/** Of what these wanted the next login knows. */
const AGAIN = ['refuses', 'forbids', 'misleads'] as const

let idp: Idp
let ending: Idp
let env: NodeJS.ProcessEnv
let file: string
let gateway: Child
let elsewhere: Recorder
let recorders: Map<string, Recorder>
/** What was written and shown, by where. */
const written: Record<string, string> = {}

beforeAll(async () => {
  const port = await freePort()
  const client = {
    ...OPERATOR,
    redirect_uris: [`http://127.0.0.1:${port}/callback`],
    grant_types: ['authorization_code', 'refresh_token'],
    application_type: 'native' as const,
  }
  ;[idp, ending] = await Promise.all([
    startIdp(stage, { ...REGISTERING, clients: [client] }),
    startIdp(stage),
  ])
  for (const { issued } of [idp, ending]) issued.ttlSeconds = 2
  ending.issued.format = 'opaque'
  elsewhere = await Recorder.start(stage)
  recorders = await startTroubles(stage, idp.issuer, elsewhere)
  recorders.set('plain', await Recorder.start(stage, undefined, idp.issuer))
  recorders.set('secret', await Recorder.start(stage, undefined, idp.issuer))
  recorders.set('dead', await Recorder.start(stage, undefined, ending.issuer))
  const all = await AllThatIsWritten.start(stage)
  env = { ...(await freshState(stage)), LOGIN_SECRET: OPERATOR.client_secret }
  file = await stage.file('vmcp.yaml', served(port, all.more))
  await logIn([...NAMES, ...TROUBLES], 'before')
  gateway = await stage.gateway({ args: ['--config', file, ...all.args], env })
  await callEverything()
  await turnSurly()
  Object.assign(written, await all.by(gateway, LAST))
  await print('doctor', ['doctor', '--config', file, '--port', '0', '--wait', '3s'])
  await logIn(AGAIN, 'again')
  await Promise.all(NAMES.map((name) => print(`logout ${name}`, ['logout', name, '--config', file])))
}, 240_000)

function served(redirectPort: number, more: object): object {
  const operator = {
    ...{ issuer: idp.issuer, clientId: OPERATOR.client_id, clientSecretEnv: 'LOGIN_SECRET' },
    redirectPort,
  }
  const strategies = [...recorders.keys()].map((name) => [
    name,
    { type: 'oauth', oauth: name === 'secret' ? operator : {} },
  ])
  return config(
    [...recorders].map(([name, { url }]) => ({ name, url, health: { interval: '1s', timeout: '500ms' } })),
    { outgoingAuth: { source: 'inline', backends: Object.fromEntries(strategies) }, ...more },
  )
}

/** All at the same time: what takes long is that each is a process. */
async function logIn(names: readonly string[], when: string): Promise<void> {
  const outcomes = names.map(async (name) => {
    const how = name === 'plain' ? pastedLogin : login
    const outcome = await how(name, ['--config', file], env).catch(({ message }: Error) => ({
      ...{ code: message, stdout: '', stderr: '' },
    }))
    written[`login ${name} ${when}`] = Object.values(outcome).join('\n')
  })
  await Promise.all(outcomes)
}

async function print(name: string, args: readonly string[]): Promise<void> {
  written[name] = (await runCli(args, env)).output
}

async function call(name: string, word: string): Promise<void> {
  const { text } = await ask(gateway.ready, 'tools/call', { name: `${name}_note`, arguments: { word } })
  written[`answer of ${name}`] = `${written[`answer of ${name}`] ?? ''}\n${text}`
}

/** Over more than one life of a token, and after a login has ended. */
async function callEverything(): Promise<void> {
  for (const name of recorders.keys())
    await eventually(async () => expect(await listed()).toContain(`${name}_note`))
  for (let round = 0; round < 2; round++) {
    for (const name of recorders.keys()) await call(name, `round ${round}`)
    await new Promise((resolve) => setTimeout(resolve, 2_000))
  }
  await ending.withdraw()
  await eventually(async () => {
    await call('dead', 'after the end')
    expect(written['answer of dead']).toContain('run `vmcp login dead`')
  })
}

async function listed(): Promise<string> {
  const { text } = await ask(gateway.ready, 'tools/list')
  return text
}

/** From now on they do with everything what they did with calls, probes included. */
async function turnSurly(): Promise<void> {
  for (const name of TROUBLES) recorder(name).isSurly = true
  await eventually(async () => {
    const { output } = await runCli(['status'], env)
    expect(output).toMatch(/babbles +unhealthy[\s\S]*redirects +unhealthy/)
    written['status'] = output
  })
  await print('status --json', ['status', '--json'])
  await call('plain', LAST)
}

const recorder = (name: string) => recorders.get(name) as Recorder

function secrets(): Secrets {
  const found = new Secrets()
  found.add('the environment', [OPERATOR.client_secret])
  for (const { dealt } of [idp, ending])
    for (const key of ['access_token', 'refresh_token', 'code', 'code_verifier', 'registration_access_token'])
      found.add(
        key,
        dealt.flatMap((it) => (typeof it[key] === 'string' ? it[key] : [])),
      )
  for (const [name, one] of recorders) found.add(name, one.sent('authorization'))
  return found
}

test('every backend has had the tokens that are for it, and they were replaced', () => {
  for (const name of ['plain', 'secret'])
    expect(recorder(name).sent('authorization').length, name).toBeGreaterThan(2)
  for (const name of [...NAMES, ...TROUBLES]) expect(written[`login ${name} before`], name).toContain('0\n')
  for (const name of ['plain', 'secret']) expect(written[`answer of ${name}`]).toContain('noted')
  for (const key of ['refresh_token', 'code_verifier'])
    expect(idp.dealt.filter((it) => key in it).length, key).toBeGreaterThan(10)
})

describe('no token, code, verifier or client secret of a login reaches', () => {
  test.each(['the audit log and the log', 'metrics and traces', 'answers', 'commands'])('%s', (what) => {
    const texts = Object.entries(written).filter(([name]) => kindOf(name) === what)
    expect(texts.length).toBeGreaterThan(1)
    expect(texts.every(([, text]) => text.length > 0)).toBe(true)
    secrets().expectNotIn(Object.fromEntries(texts) as Texts)
  })

  test('another backend', () => {
    for (const one of recorders.keys())
      for (const other of recorders.keys()) {
        if (one === other) continue
        const shared = recorder(one)
          .sent('authorization')
          .filter((token) => recorder(other).sent('authorization').includes(token))
        expect(shared, `${one} and ${other}`).toEqual([])
      }
  })

  test('another host by a redirect', () => {
    expect(recorder('redirects').sent('authorization').length).toBeGreaterThan(0)
    expect(elsewhere.seen).toEqual([])
  })
})

function kindOf(name: string): string {
  if (/^(audit|log|output)$/.test(name)) return 'the audit log and the log'
  if (/^(\/metrics|telemetry)$/.test(name)) return 'metrics and traces'
  return /^(answer|\/)/.test(name) ? 'answers' : 'commands'
}
