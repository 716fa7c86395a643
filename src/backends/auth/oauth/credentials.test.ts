import { chmod, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Rogue } from '../../../../test/fixtures/idp/rogue.ts'
import { silent } from '../../../core/log.ts'
import { DEFAULT_TOKEN_CACHE } from '../../../core/outgoing-auth-config.ts'
import { httpConfig } from '../../testing.ts'
import { type Credentials, createCredentials, Keyring } from '../index.ts'
import { logOut } from './log-out.ts'
import { come, openScene, type Scene } from './testing.ts'

let scene: Scene<Rogue>
const open: Credentials[] = []
beforeEach(async () => {
  scene = await openScene(await Rogue.start())
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((credentials) => credentials.close?.()))
  await scene.close()
})

/** Those of one process. */
function credentials(renewed?: () => void, config = scene.config()): Credentials {
  const one = createCredentials(config, {
    backend: 'b',
    url: scene.rogue.url,
    keyring: new Keyring(DEFAULT_TOKEN_CACHE, silent),
    log: silent,
    renewed,
  })
  open.push(one)
  return one
}

const REQUEST = { method: 'POST', body: null, caller: undefined } as const

async function sent(one: Credentials): Promise<string | undefined> {
  return (await one.authorize({ 'x-a': 'b' }, REQUEST, new URL(scene.rogue.url)))['authorization']
}

async function refuses(one: Credentials, status: 401 | 403, challenge = 'Bearer'): Promise<boolean> {
  const authorization = await sent(one)
  const headers = authorization === undefined ? {} : { authorization }
  return (await one.refused?.({ status, challenge, sent: headers, caller: undefined })) ?? false
}

/** A token that ends so soon. */
function grants(number: number, seconds: number): void {
  const tokens = { access_token: `a${number}`, refresh_token: `r${number}`, token_type: 'Bearer' }
  scene.rogue.tokens({ ...tokens, expires_in: seconds })
}

const refreshes = () => scene.rogue.forms.filter((form) => form.get('grant_type') === 'refresh_token')

describe('the token of a login', () => {
  it('is sent, beside the other headers, and nothing is before somebody has logged in', async () => {
    const one = credentials()
    expect(await sent(one)).toBeUndefined()
    await scene.logIn()
    expect(await refuses(one, 401)).toBe(true)
    expect(one.authorize({ 'x-a': 'b' }, REQUEST, new URL(scene.rogue.url))).toEqual({
      'x-a': 'b',
      authorization: 'Bearer a1',
    })
  })

  it('is noticed without a request, and so is that it is gone', async () => {
    const told = new Promise<void>((resolve) => {
      void sent(credentials(resolve))
    })
    await scene.logIn()
    await told
    const [one] = open
    expect(await sent(one as Credentials)).toBe('Bearer a1')
    scene.rogue.forge.says('/revoke', '')
    expect(await logOut(httpConfig(scene.rogue.url, { name: 'b' }), scene.config())).toEqual({
      existed: true,
    })
    await expect.poll(() => sent(one as Credentials), { timeout: 5_000 }).toBeUndefined()
    expect(await readdir(scene.folder)).toEqual(['key'])
  })

  it('is replaced before it ends while it is sent on, and waited for when it has ended', async () => {
    grants(1, 1)
    await scene.logIn()
    const one = credentials()
    expect(await sent(one)).toBe('Bearer a1')
    grants(2, 1)
    await new Promise((resolve) => setTimeout(resolve, 850))
    expect(await sent(one)).toBe('Bearer a1')
    await expect.poll(() => sent(one)).toBe('Bearer a2')
    grants(3, 3600)
    await new Promise((resolve) => setTimeout(resolve, 1_050))
    expect(await Promise.all([sent(one), sent(one), sent(one)])).toEqual(Array(3).fill('Bearer a3'))
    expect(refreshes().map((form) => form.get('refresh_token'))).toEqual(['r1', 'r2'])
    expect(refreshes()[0]?.get('resource')).toBe(scene.rogue.url)
  })

  it('is replaced once for all processes that share it', async () => {
    await scene.logIn()
    const processes = Array.from({ length: 5 }, () => credentials())
    expect(await Promise.all(processes.map(sent))).toEqual(Array(5).fill('Bearer a1'))
    grants(2, 3600)
    expect(await Promise.all(processes.map((it) => refuses(it, 401)))).toEqual(Array(5).fill(true))
    expect(await Promise.all(processes.map(sent))).toEqual(Array(5).fill('Bearer a2'))
    expect(refreshes()).toHaveLength(1)
  })

  it('keeps its refresh token where there is no new one', async () => {
    await scene.logIn()
    const one = credentials()
    scene.rogue.tokens({ access_token: 'a2', token_type: 'Bearer', expires_in: 3600 })
    expect(await refuses(one, 401)).toBe(true)
    scene.rogue.tokens({ access_token: 'a3', token_type: 'Bearer', expires_in: 3600 })
    expect(await refuses(credentials(), 401)).toBe(true)
    expect(refreshes().map((form) => form.get('refresh_token'))).toEqual(['r1', 'r1'])
  })

  it('is not replaced again and again for a backend that refuses each', async () => {
    await scene.logIn()
    const one = credentials()
    grants(2, 3600)
    expect(await refuses(one, 401)).toBe(true)
    grants(3, 3600)
    expect([await refuses(one, 401), await refuses(one, 401)]).toEqual([false, false])
    expect(refreshes()).toHaveLength(1)
  })

  it('is forgotten when the login has ended, and it is said what to do', async () => {
    await scene.logIn({ scopes: ['write'] })
    const one = credentials()
    await sent(one)
    const refusal = {
      status: 401,
      challenge: undefined,
      sent: { authorization: 'Bearer a1' },
      caller: undefined,
    } as const
    expect(one.advice?.(refusal)).toBe('its login is not accepted any more; run `vmcp login b`')
    scene.rogue.tokens({ error: 'invalid_grant' }, 400)
    expect(await refuses(one, 401)).toBe(false)
    expect(await sent(one)).toBeUndefined()
    expect(one.advice?.({ ...refusal, sent: {} })).toBe('nobody has logged in to it; run `vmcp login b`')
    // The next login asks for the same.
    grants(9, 3600)
    let scope: string | null = null
    await scene.logIn({}, (url) => {
      scope = url.searchParams.get('scope')
      return come(url, {})
    })
    expect(scope).toBe('write')
  })

  it('is kept when the server that replaces it fails, which is not asked again at once', async () => {
    grants(1, 1)
    await scene.logIn()
    const one = credentials()
    scene.rogue.tokens({ error: 'temporarily_unavailable' }, 503)
    await new Promise((resolve) => setTimeout(resolve, 1_050))
    await expect(sent(one)).rejects.toThrow(/has ended, and its authorization server gives no other now$/)
    await expect(sent(one)).rejects.toThrow(/gives no other now/)
    expect(refreshes()).toHaveLength(1)
  })

  it('is forgotten where the server does not know any more the client that it registered', async () => {
    await scene.logIn()
    const one = credentials()
    scene.rogue.tokens({ error: 'invalid_client' }, 401)
    expect(await refuses(one, 401)).toBe(false)
    expect(await sent(one)).toBeUndefined()
  })

  it('is kept where the client is one that the operator set up, who may have changed its secret', async () => {
    const config = scene.config({ issuer: scene.rogue.issuer, client: { id: 'me', secret: 'old' } })
    await scene.logIn({ config })
    const one = credentials(undefined, config)
    scene.rogue.tokens({ error: 'invalid_client' }, 401)
    expect(await refuses(one, 401)).toBe(false)
    expect(await sent(one)).toBe('Bearer a1')
  })

  it('goes to no other host, and not in the clear', async () => {
    await scene.logIn()
    const one = credentials()
    const other = async () => one.authorize({}, REQUEST, new URL('http://127.0.0.1:1/mcp'))
    await expect(other()).rejects.toThrow(/is not for http:\/\/127.0.0.1:1/)
    const clear = createCredentials(scene.config(), {
      backend: 'b',
      url: 'http://mcp.example/mcp',
      keyring: new Keyring(DEFAULT_TOKEN_CACHE, silent),
      log: silent,
    })
    open.push(clear)
    const there = async () => clear.authorize({}, REQUEST, new URL('http://mcp.example/mcp'))
    await expect(there()).rejects.toThrow(/plain HTTP/)
  })

  it('is not sent where others may read it', async () => {
    await scene.logIn()
    const [file = ''] = (await readdir(scene.folder)).filter((name) => name.endsWith('.login'))
    await chmod(join(scene.folder, file), 0o644)
    await expect(sent(credentials())).rejects.toThrow(/run `vmcp logout b` and `vmcp login b`/)
  })
})

describe('a logout', () => {
  it('forgets what cannot be read or revoked too, and says so', async () => {
    const backend = httpConfig(scene.rogue.url, { name: 'b' })
    await scene.logIn()
    scene.rogue.forge.answers.set('/revoke', (_, res) => void res.writeHead(503).end())
    expect(await logOut(backend, scene.config())).toMatchObject({
      existed: true,
      notRevoked: expect.stringContaining('HTTP 503'),
    })
    await scene.logIn()
    const [file = ''] = (await readdir(scene.folder)).filter((name) => name.endsWith('.login'))
    await chmod(join(scene.folder, file), 0o644)
    expect(await logOut(backend, scene.config())).toMatchObject({
      existed: true,
      notRevoked: expect.stringContaining('others may'),
    })
    expect(await readdir(scene.folder)).toEqual(['key'])
    expect(await logOut(backend, scene.config())).toEqual({ existed: false })
  })
})

describe('scopes that a login lacks', () => {
  it('are named, and asked for by the next login beside those that it has', async () => {
    scene.rogue.challenges('Bearer scope="read"')
    await scene.logIn()
    const one = credentials()
    const challenge = 'Bearer error="insufficient_scope", scope="write admin"'
    expect(await refuses(one, 403, challenge)).toBe(false)
    const sentToken = { authorization: 'Bearer a1' }
    const refusal = { status: 403, challenge, sent: sentToken, caller: undefined } as const
    expect(one.advice?.(refusal)).toBe(
      'its login lacks scopes, this needs write admin; run `vmcp login b`, which asks for them',
    )
    let scope: string | null = null
    grants(2, 3600)
    await scene.logIn({}, (url) => {
      scope = url.searchParams.get('scope')
      return come(url, {})
    })
    expect(scope).toBe('read write admin')
    expect(await refuses(one, 403, challenge)).toBe(true)
    expect(await sent(one)).toBe('Bearer a2')
    expect(await refuses(one, 403, challenge)).toBe(false)
  })

  it('are no more than can be kept', async () => {
    await scene.logIn()
    const one = credentials()
    for (let i = 0; i < 5; i++) {
      const scopes = Array.from({ length: 60 }, (_, k) => `s${i}-${k}`).join(' ')
      await refuses(one, 403, `Bearer error="insufficient_scope", scope="${scopes}"`)
    }
    let scope = ''
    await scene.logIn({}, (url) => {
      scope = url.searchParams.get('scope') ?? ''
      return come(url, {})
    })
    expect(scope.split(' ')).toHaveLength(100)
  })
})
