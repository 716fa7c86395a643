import { request } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Rogue } from '../../../../test/fixtures/idp/rogue.ts'
import { httpConfig } from '../../testing.ts'
import { come, openScene, type Scene } from './testing.ts'

let scene: Scene<Rogue>
beforeEach(async () => {
  scene = await openScene(await Rogue.start())
})
afterEach(() => scene.close())

/** Nobody was sent anywhere, and nothing was registered. */
async function isRefusedAtOnce(words: RegExp): Promise<void> {
  let shown = false
  await expect(
    scene.logIn({}, () => {
      shown = true
    }),
  ).rejects.toThrow(words)
  expect(shown).toBe(false)
  expect(scene.rogue.registered).toEqual([])
}

describe('a login is what the specification says', () => {
  it('with PKCE, the resource in both requests, and a state of its own each time', async () => {
    const seen: URLSearchParams[] = []
    const keep = (url: URL) => {
      seen.push(url.searchParams)
      return come(url, {})
    }
    const login = await scene.logIn({}, keep)
    await scene.logIn({}, keep)
    const [first, second] = seen as [URLSearchParams, URLSearchParams]
    expect(Object.fromEntries(first)).toMatchObject({
      response_type: 'code',
      client_id: 'client-1',
      code_challenge_method: 'S256',
      resource: scene.rogue.url,
    })
    expect(first.get('scope')).toBeNull()
    expect(first.get('state')).not.toBe(second.get('state'))
    expect(first.get('code_challenge')).not.toBe(second.get('code_challenge'))
    const [form] = scene.rogue.forms
    expect(form?.get('resource')).toBe(scene.rogue.url)
    expect(form?.get('redirect_uri')).toBe(first.get('redirect_uri'))
    expect(form?.get('code_verifier')).toMatch(/^[\w-]{43,128}$/)
    expect(login).toMatchObject({ issuer: scene.rogue.issuer, tokens: { access: 'a1', refresh: 'r1' } })
    // The client is registered once, and for the address that it comes back to.
    expect(scene.rogue.registered).toMatchObject([
      {
        application_type: 'native',
        redirect_uris: [first.get('redirect_uri')],
        grant_types: ['authorization_code', 'refresh_token'],
      },
    ])
  })

  it('with the scopes of the challenge before those of the metadata, and offline_access where there is such a thing', async () => {
    const asked: (string | null)[] = []
    const keep = (url: URL) => {
      asked.push(url.searchParams.get('scope'))
      return come(url, {})
    }
    const { rogue } = scene
    rogue.resource({ scopes_supported: ['read', 'write'] })
    rogue.server({ scopes_supported: ['offline_access'] })
    await scene.logIn({ config: scene.config({ clientIdMetadataUrl: 'https://c.example/1' }) }, keep)
    rogue.challenges(`Bearer scope="basic"`)
    await scene.logIn({ config: scene.config({ clientIdMetadataUrl: 'https://c.example/2' }) }, keep)
    await scene.logIn({ config: scene.config({ scopes: ['mine'] }), scopes: ['more'] }, keep)
    expect(asked).toEqual(['read write offline_access', 'basic offline_access', 'mine more offline_access'])
  })

  it('by hand, where the browser cannot come back', async () => {
    const login = await scene.logIn({}, (url, paste) => {
      const back = new URL(url.searchParams.get('redirect_uri') ?? '')
      expect(paste('https://evil.example/callback?code=c')).toMatch(
        /not an address that begins with http:\/\/127/,
      )
      back.search = new URLSearchParams({ code: 'c', state: 'other', iss: url.origin }).toString()
      expect(paste(back.href)).toMatch(/another login/)
      back.searchParams.set('state', url.searchParams.get('state') ?? '')
      expect(paste(` ${back.href}\n`)).toBeUndefined()
    })
    expect(login.tokens.access).toBe('a1')
  })
})

describe('a login is refused', () => {
  it.each([
    ['from another server (mix-up)', { iss: 'https://evil.example' }],
    ['from the server with a slash behind it', (origin: string) => ({ iss: `${origin}/` })],
    ['from nobody, where the server says that it says so', { iss: undefined }],
  ])('whose answer is %s, before a code is used', async (_, more) => {
    await expect(
      scene.logIn({}, (url) => come(url, typeof more === 'function' ? more(url.origin) : more)),
    ).rejects.toThrow(/nothing of it was used/)
    expect(scene.rogue.asked).not.toContain('/token')
  })

  it('and the words of an error from another server are not shown', async () => {
    const evil = { iss: 'https://evil.example', error: 'access_denied', error_description: 'call 555-0100' }
    const refused = scene.logIn({}, (url) => come(url, { ...evil, code: undefined }))
    await expect(refused).rejects.not.toThrow(/555|denied/)
    await expect(
      scene.logIn({}, (url) => come(url, { error: 'access_denied', code: undefined })),
    ).rejects.toThrow(/access_denied/)
  })

  it('in no way by what comes with another state, which is turned away while the login goes on', async () => {
    const statuses: number[] = []
    const login = await scene.logIn({}, async (url) => {
      statuses.push(await come(url, { state: 'guessed', code: 'planted' }))
      statuses.push(await come(url, { state: undefined, code: 'planted' }))
      statuses.push(await comeAs(url, 'evil.example'))
      statuses.push(await come(url, {}))
    })
    expect(login.tokens.access).toBe('a1')
    expect(scene.rogue.forms.map((form) => form.get('code'))).toEqual(['c'])
    expect(statuses.slice(0, 3)).toEqual([400, 400, 404])
  })

  it('where the server does not say that it has S256', async () => {
    for (const methods of [undefined, [], ['plain']]) {
      scene.rogue.server({ code_challenge_methods_supported: methods })
      await isRefusedAtOnce(/does not say that it supports PKCE with S256/)
    }
  })

  it('where the metadata are said to be at another host, which is not asked', async () => {
    const other = await openScene(await Rogue.start())
    scene.rogue.challenges(
      `Bearer resource_metadata="${other.rogue.issuer}/.well-known/oauth-protected-resource/mcp"`,
    )
    await isRefusedAtOnce(/another host cannot speak for it/)
    expect(other.rogue.asked).toEqual([])
    await other.close()
  })

  it('where the metadata are about another resource', async () => {
    const { issuer, url } = scene.rogue
    for (const resource of [
      'https://evil.example/mcp',
      `${issuer}/mcp2`,
      `${url}/more`,
      `${url}#x`,
      7,
      undefined,
    ]) {
      scene.rogue.resource({ resource })
      await isRefusedAtOnce(/not about this backend/)
    }
  })

  it('where the server is another than the configuration names, or its metadata are another’s', async () => {
    const named = scene.logIn({ config: scene.config({ issuer: 'https://login.example' }) })
    await expect(named).rejects.toThrow(/and the configuration https:\/\/login.example/)
    scene.rogue.server({ issuer: 'https://evil.example' })
    await isRefusedAtOnce(/are those of "https:\/\/evil.example"/)
  })

  it.each([
    ['https://169.254.169.254', /may not lead/],
    ['http://10.0.0.1', /only https is allowed, but for this machine/],
    ['http://evil.example', /only https is allowed, but for this machine/],
    ['ftp://127.0.0.1', /only https is allowed/],
    ['https://a.example/?x=1', /no issuer/],
    ['nonsense', /no issuer/],
  ])('where the server is said to be %s', async (issuer, words) => {
    scene.rogue.resource({ authorization_servers: [issuer] })
    await isRefusedAtOnce(words)
  })

  it.each([
    ['authorization_endpoint', 'javascript:alert(1)'],
    ['authorization_endpoint', 'file:///etc/passwd'],
    ['token_endpoint', 'http://evil.example/token'],
    ['registration_endpoint', 'http://169.254.169.254/'],
    ['revocation_endpoint', 'not a url'],
  ])('where its %s is %s', async (name, value) => {
    scene.rogue.server({ [name]: value })
    await isRefusedAtOnce(new RegExp(`the ${name} of the authorization server cannot be used`))
  })

  it('where the token endpoint redirects: a code and its verifier go nowhere else', async () => {
    const other = await openScene(await Rogue.start())
    scene.rogue.tokens({}, 307, { location: `${other.rogue.issuer}/token` })
    await expect(scene.logIn()).rejects.toThrow(/redirects/)
    expect(other.rogue.asked).toEqual([])
    await other.close()
  })

  it('where metadata are endless, or redirect', async () => {
    const { forge } = scene.rogue
    forge.says('/.well-known/oauth-protected-resource/mcp', 'x'.repeat(300_000))
    await isRefusedAtOnce(/larger than/)
    forge.answers.set(
      '/.well-known/oauth-protected-resource/mcp',
      (_, res) => void res.writeHead(302, { location: '/keys' }).end(),
    )
    await isRefusedAtOnce(/redirects/)
  })

  it.each([
    [{ access_token: 'a\r\nx-evil: 1', token_type: 'Bearer' }, /nothing that a header may hold/],
    [{ access_token: 'a', token_type: 'mac' }, /token_type/],
    [{ token_type: 'Bearer' }, /access_token/],
  ])('where the token is %j', async (reply, words) => {
    scene.rogue.tokens(reply)
    await expect(scene.logIn()).rejects.toThrow(words)
  })

  it('when nobody comes', async () => {
    const login = scene.logIn({ signal: AbortSignal.timeout(50) }, () => {})
    await expect(login).rejects.toThrow(/nobody has logged in/)
  })

  it('for a backend to which a token would go over plain HTTP', async () => {
    const backend = httpConfig('http://mcp.example/mcp', { name: 'b' })
    await expect(scene.logIn({ backend })).rejects.toThrow(/plain HTTP/)
  })
})

describe('credentials of the client', () => {
  it('that one server gave are not shown to another', async () => {
    await scene.logIn()
    const other = await openScene(await Rogue.start())
    scene.rogue.resource({ authorization_servers: [other.rogue.issuer] })
    const ids: (string | null)[] = []
    await scene.logIn({}, (url) => {
      ids.push(url.searchParams.get('client_id'))
      return come(url, {})
    })
    expect(other.rogue.registered).toHaveLength(1)
    expect(other.rogue.forms).toHaveLength(1)
    await other.close()
  })

  it('that are configured are used as the server wants them', async () => {
    const { rogue } = scene
    const client = { id: 'me-1', secret: 's/e c+r' }
    const config = scene.config({ issuer: rogue.issuer, client })
    rogue.server({
      token_endpoint_auth_methods_supported: ['client_secret_post'],
      registration_endpoint: undefined,
    })
    await scene.logIn({ config })
    expect(rogue.forms[0]?.get('client_secret')).toBe('s/e c+r')
    rogue.server({ token_endpoint_auth_methods_supported: undefined })
    let authorization: string | undefined
    rogue.forge.answers.set('/token', (req, res) => {
      authorization = req.headers.authorization
      res.end(JSON.stringify({ access_token: 'a', token_type: 'bearer' }))
    })
    await scene.logIn({ config })
    expect(Buffer.from((authorization ?? '').slice(6), 'base64').toString()).toBe('me-1:s%2Fe+c%2Br')
    expect(rogue.registered).toEqual([])
  })

  it('are asked for in words where the server registers nobody', async () => {
    scene.rogue.server({ registration_endpoint: undefined })
    await expect(scene.logIn()).rejects.toThrow(/register vmcp there, and set issuer, clientId/)
  })
})

/** Another web page has the browser come by another name (DNS rebinding). */
function comeAs(url: URL, host: string): Promise<number> {
  const back = new URL(url.searchParams.get('redirect_uri') ?? '')
  back.searchParams.set('state', url.searchParams.get('state') ?? '')
  return new Promise((resolve, reject) => {
    request(back, { headers: { host } }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
      .on('error', reject)
      .end()
  })
}
