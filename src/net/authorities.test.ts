import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Fetcher } from './fetcher.ts'

/** For 127.0.0.1, for tests alone: one that is signed by itself, one by an authority. */
const TLS = join(import.meta.dirname, '../backends/testing/tls')
const file = (name: string) => join(TLS, name)

let folder: string
let bundle: string
let url: string
let fetcher: Fetcher
let close: () => Promise<unknown>

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vmcp-test-'))
  bundle = join(folder, 'ca.pem')
  const [cert, key] = ['leaf.pem', 'leaf-key.pem'].map((name) => readFileSync(file(name)))
  // Each request has a connection of its own, and so a handshake.
  const server = createServer(
    { cert, key },
    (_, res) => void res.writeHead(200, { connection: 'close' }).end('{}'),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`
  close = async () => {
    await fetcher?.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    rmSync(folder, { recursive: true })
  }
})
afterEach(() => close())

const open = () => {
  fetcher = new Fetcher({ allowPrivateIp: true, allowHttp: false, caBundlePath: bundle })
}
const ask = () => fetcher.json(url, { maxBytes: 10 })

/** As those who write with care do. */
function replace(name: string): void {
  copyFileSync(file(name), join(folder, 'next.pem'))
  renameSync(join(folder, 'next.pem'), bundle)
}

it('the authorities are those that the file has when a connection is made', async () => {
  replace('cert.pem')
  open()
  await expect(ask()).rejects.toThrow(/certificate/)
  replace('authority.pem')
  expect(await ask()).toEqual({})
  replace('cert.pem')
  await expect(ask()).rejects.toThrow(/certificate/)
})

it('while the file is being written, the last that were in it are trusted', async () => {
  replace('authority.pem')
  open()
  for (const text of ['', readFileSync(file('cert.pem'), 'utf8').slice(0, 200), `${BEGIN}AAAA${END}`]) {
    writeFileSync(bundle, text)
    expect(await ask(), text).toEqual({})
  }
  rmSync(bundle)
  expect(await ask()).toEqual({})
  replace('cert.pem')
  await expect(ask()).rejects.toThrow(/certificate/)
})
const [BEGIN, END] = ['-----BEGIN CERTIFICATE-----\n', '\n-----END CERTIFICATE-----\n']

it('a file that has none from the beginning is told of by its name', () => {
  expect(open).toThrow(/cannot read the CA bundle '.*ca\.pem': ENOENT/)
  writeFileSync(bundle, 'none')
  expect(open).toThrow(/cannot read the CA bundle '.*ca\.pem': it holds no certificate in PEM/)
})
