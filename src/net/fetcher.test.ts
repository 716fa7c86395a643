import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Forge } from '../../test/fixtures/idp/forge.ts'
import { Fetcher, type FetchPolicy } from './fetcher.ts'

let forge: Forge
const fetchers: Fetcher[] = []

beforeEach(async () => {
  forge = await Forge.start()
})
afterEach(async () => {
  await Promise.all(fetchers.splice(0).map((fetcher) => fetcher.close()))
  await forge.close()
})

function get(url: string, policy: Partial<FetchPolicy> = {}): Promise<unknown> {
  const keys = { block: 'theBlock', allowPrivateIp: 'letPrivate', allowHttp: 'letHttp' }
  const fetcher = new Fetcher({ allowPrivateIp: false, allowHttp: true, keys, ...policy })
  fetchers.push(fetcher)
  return fetcher.json(url, { maxBytes: 10_000 })
}

const port = () => new URL(forge.issuer).port

describe('what the issuer runs is asked', () => {
  it('nothing at private addresses, however they are spelled', async () => {
    const hosts = [
      '127.0.0.1',
      'localhost',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '0x7f000001',
      '2130706433',
      '127.1',
      '0.0.0.0',
    ]
    for (const host of hosts)
      await expect(get(`http://${host}:${port()}/keys`), host).rejects.toThrow(
        /private address; letPrivate allows that/,
      )
    expect(forge.asked).toEqual([])
    expect(await get(`${forge.issuer}/keys`, { allowPrivateIp: true })).toMatchObject({ keys: [{}] })
  })

  it('nothing over plain HTTP unless that is allowed', async () => {
    const policy = { allowPrivateIp: true, allowHttp: false }
    await expect(get(`${forge.issuer}/keys`, policy)).rejects.toThrow(/only https is allowed; letHttp/)
    expect(forge.asked).toEqual([])
  })

  it('over plain HTTP on this machine alone where that much is allowed', async () => {
    const policy = { allowPrivateIp: true, allowHttp: 'loopback' } as const
    for (const host of ['127.0.0.1', 'localhost'])
      expect(await get(`http://${host}:${port()}/keys`, policy), host).toMatchObject({ keys: [{}] })
    for (const host of ['10.0.0.1', 'idp.example', 'localhost.example'])
      await expect(get(`http://${host}:${port()}/keys`, policy), host).rejects.toThrow(/only https/)
  })

  it('whose other answers are of use to some', async () => {
    const fetcher = new Fetcher({
      allowPrivateIp: true,
      allowHttp: true,
      keys: { block: 'b', allowPrivateIp: 'p', allowHttp: 'h' },
    })
    fetchers.push(fetcher)
    forge.answers.set('/no', (_, res) => void res.writeHead(400).end('{"error":"invalid_grant"}'))
    forge.answers.set('/page', (_, res) => void res.writeHead(502).end('<html>'))
    forge.answers.set('/away', (_, res) => void res.writeHead(307, { location: '/no' }).end())
    const ask = (path: string) =>
      fetcher.reply(forge.issuer + path, { maxBytes: 1_000, form: new URLSearchParams({ a: 'b' }) })
    expect(await ask('/no')).toEqual({ status: 400, body: { error: 'invalid_grant' } })
    expect(await ask('/page')).toEqual({ status: 502, body: undefined })
    await expect(ask('/away')).rejects.toThrow(/redirects \(HTTP 307\), which is not followed/)
    expect(forge.asked).toEqual(['/no', '/page', '/away'])
  })

  it('nothing that compresses, and errors do not tell of queries', async () => {
    const policy = { allowPrivateIp: true }
    forge.answers.set('/zip', (_, res) => void res.writeHead(200, { 'content-encoding': 'gzip' }).end('x'))
    await expect(get(`${forge.issuer}/zip`, policy)).rejects.toThrow(/compressed/)
    await expect(get(`${forge.issuer}/none?secret=1`, policy)).rejects.toThrow(
      `${forge.issuer}/none: it answered with HTTP 404`,
    )
  })
})
