import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Forge } from '../../test/fixtures/idp/forge.ts'
import { Fetcher } from './fetcher.ts'

let forge: Forge
const fetchers: Fetcher[] = []

beforeEach(async () => {
  forge = await Forge.start()
})
afterEach(async () => {
  await Promise.all(fetchers.splice(0).map((fetcher) => fetcher.close()))
  await forge.close()
})

function get(url: string, policy: { allowPrivateIp?: boolean; allowHttp?: boolean } = {}): Promise<unknown> {
  const fetcher = new Fetcher({ allowPrivateIp: false, allowHttp: true, ...policy })
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
      await expect(get(`http://${host}:${port()}/keys`), host).rejects.toThrow(/private address/)
    expect(forge.asked).toEqual([])
    expect(await get(`${forge.issuer}/keys`, { allowPrivateIp: true })).toMatchObject({ keys: [{}] })
  })

  it('nothing over plain HTTP unless that is allowed', async () => {
    const policy = { allowPrivateIp: true, allowHttp: false }
    await expect(get(`${forge.issuer}/keys`, policy)).rejects.toThrow(/only https is allowed/)
    expect(forge.asked).toEqual([])
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
