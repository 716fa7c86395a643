import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { closedAfterAll } from '../../fixtures/closed.ts'
import { config } from '../../fixtures/config.ts'
import { ROOT } from '../../fixtures/root.ts'
import { type Child, type GatewayStart, Stage } from '../../fixtures/stage.ts'
import { findStranger, postAs } from '../../fixtures/stranger.ts'

const stage = closedAfterAll(new Stage())
const stranger = findStranger()
let backend: string

beforeAll(async () => {
  backend = (await stage.hosted('echo', { era: 'legacy' })).ready
})
const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } },
}

function start(more: Partial<GatewayStart> = {}): Promise<Child> {
  const served = config([{ name: 'one', url: backend }], { incomingAuth: { type: 'local' } })
  return stage.gateway({ config: served, ...more })
}

const SERVED = /^HTTP\/1\.1 200 /
/** Elsewhere than on Linux there is no telling who it is (docs/authentication.md). */
const REFUSED =
  process.platform === 'linux'
    ? /^HTTP\/1\.1 401 [\s\S]*this server is for another user of the machine/
    : SERVED

test('a gateway of a user of the machine lets that user in', async () => {
  expect(await postAs(undefined, (await start()).ready, INITIALIZE)).toMatch(SERVED)
})

test('a gateway of one user refuses another', async () => {
  // An ordinary user can be nobody else: then it is the gateway that is somebody else's.
  const another = ['--import', join(ROOT, 'test/fixtures/as-another-user.mjs')]
  const { ready: url } = await start(stranger ? {} : { nodeArgs: another })
  expect(await postAs(stranger, url, INITIALIZE)).toMatch(REFUSED)
  if (stranger !== undefined) expect(await postAs(undefined, url, INITIALIZE)).toMatch(SERVED)
})
