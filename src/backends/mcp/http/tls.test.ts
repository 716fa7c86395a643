import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, it } from 'vitest'
import { closedAfterEach } from '../../../../test/fixtures/closed.ts'
import type { Backend } from '../../../core/ports.ts'
import {
  exchange,
  failed,
  handMade,
  httpConfig,
  legacyBasics,
  legacyCaller,
  Stage,
  textOf,
  toolCall,
} from '../../testing.ts'

/** Signed by itself, for 127.0.0.1, for tests alone. */
const CERTIFICATE = fileURLToPath(new URL('../../testing/tls/cert.pem', import.meta.url))
const KEY = fileURLToPath(new URL('../../testing/tls/key.pem', import.meta.url))

const stage = closedAfterEach(new Stage())
let url: string

beforeEach(async () => {
  const listener = handMade((message, _, res) => legacyBasics(message, res))
  const server = createServer({ cert: readFileSync(CERTIFICATE), key: readFileSync(KEY) }, listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stage.later(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
})

describe('a server with a certificate of its own', () => {
  it('is called when its authority is given', async () => {
    const backend = await stage.backend(httpConfig(url, { era: 'legacy', caBundlePath: CERTIFICATE }))
    const { body } = await backend.run({ caller: legacyCaller(), ...toolCall('echo') }, exchange())
    expect(textOf(body)).toContain('"name":"echo"')
  })

  it('is refused when it is not, and the error says what to give', async () => {
    const [backend] = stage.backends([httpConfig(url, { era: 'legacy' })]).all
    const message = await failed(backend as Backend)
    expect(message).toContain('certificate')
    expect(message).toContain('caBundlePath')
  })
})
