import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { beforeAll, expect, test } from 'vitest'
import { eventually } from '../../fixtures/ask.ts'
import { runCli } from '../../fixtures/cli.ts'
import { closedAfterAll } from '../../fixtures/closed.ts'
import { Rogue } from '../../fixtures/idp/rogue.ts'
import { startLogin } from '../../fixtures/login.ts'
import { Stage } from '../../fixtures/stage.ts'
import { Secrets } from '../outgoing/leaks.ts'
import { freshState, withLogin } from './protected.ts'

const stage = closedAfterAll(new Stage())
const SECRET = 'the secret of a client that was set up beforehand'
const CODE = `code-${randomBytes(24).toString('base64url')}`
const TOKENS = {
  access_token: `access-${randomBytes(24).toString('base64url')}`,
  refresh_token: `refresh-${randomBytes(24).toString('base64url')}`,
}

let rogue: Rogue
let file: string
let env: NodeJS.ProcessEnv
/** Every request that held a secret. */
const sent: string[] = []

beforeAll(async () => {
  rogue = await Rogue.start()
  stage.defer(() => rogue.close())
  rogue.server({ token_endpoint_auth_methods_supported: ['client_secret_post'] })
  const oauth = { issuer: rogue.issuer, clientId: 'operator', clientSecretEnv: 'LOGIN_SECRET' }
  file = await stage.file('vmcp.yaml', withLogin(rogue.url, oauth))
  env = { ...(await freshState(stage)), LOGIN_SECRET: SECRET }
})

/** Says back what it was sent, in every place where it can say something. */
async function sayBack(req: IncomingMessage, res: ServerResponse): Promise<void> {
  let body = ''
  for await (const piece of req) body += String(piece)
  sent.push(body)
  const words = [...new URLSearchParams(body).values()].join(' and ')
  const answer = { error: 'invalid_request', error_description: `no to ${words}` }
  res.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
}

async function comeBack(): Promise<string> {
  const child = await startLogin('remote', ['--config', file], env)
  const start = new URL(child.ready)
  const back = new URL(start.searchParams.get('redirect_uri') ?? '')
  const state = start.searchParams.get('state') ?? ''
  back.search = new URLSearchParams({ code: CODE, state, iss: rogue.issuer }).toString()
  const shown = await (await fetch(back)).text()
  await child.exited
  return shown + child.stdout() + child.stderr()
}

function secrets(): Secrets {
  const found = new Secrets()
  found.add('the configuration', [SECRET])
  found.add('the tokens', Object.values(TOKENS))
  found.add('the code', [CODE])
  const verifiers = sent.flatMap((body) => new URLSearchParams(body).get('code_verifier') ?? [])
  expect(verifiers).toHaveLength(1)
  found.add('the verifier', verifiers)
  return found
}

test('an authorization server that says back what it was sent has it said to nobody else', async () => {
  rogue.forge.answers.set('/token', (req, res) => void sayBack(req, res))
  const refused = await comeBack()
  expect(refused).toMatch(/not logged in to remote: .* gives no token: invalid_request/)
  rogue.tokens({ ...TOKENS, token_type: 'Bearer', expires_in: 3600 })
  expect(await comeBack()).toContain('"renewable":true')

  rogue.forge.answers.set('/token', (req, res) => void sayBack(req, res))
  rogue.forge.answers.set('/revoke', (req, res) => void sayBack(req, res))
  const gateway = await stage.gateway({ args: ['--config', file, '--log-level', 'debug'], env })
  await eventually(() => expect(sent.join()).toContain('grant_type=refresh_token'))
  await eventually(() => expect(gateway.stderr()).toContain('a token cannot be replaced now'))
  const [status, out] = [
    await runCli(['status'], env),
    await runCli(['logout', 'remote', '--config', file], env),
  ]
  expect(out.output).toContain('were not revoked: invalid_request')
  await gateway.stop()
  for (const secret of [CODE, SECRET.replaceAll(' ', '+'), ...Object.values(TOKENS)])
    expect(sent.join()).toContain(secret)
  secrets().expectNotIn({
    ...{ refused, status: status.output, logout: out.output },
    ...{ log: gateway.stderr(), output: gateway.stdout() },
  })
})
