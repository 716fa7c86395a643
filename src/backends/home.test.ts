import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { closedAfterEach } from '../../test/fixtures/closed.ts'
import { freePort } from '../../test/fixtures/ports.ts'
import type { Backend } from '../core/ports.ts'
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
  until,
} from './testing.ts'

const stage = closedAfterEach(new Stage())

/** How often the backend was tried in vain. */
const attempts = () => stage.log.lines.filter(({ message }) => message === 'backend not connected').length

describe('a backend that has been down for long', () => {
  it('fails calls fast, and is tried again by a call as soon as it is up', { timeout: 20_000 }, async () => {
    const port = await freePort()
    const config = httpConfig(`http://127.0.0.1:${port}/mcp`, { era: 'legacy', timeoutMs: 15_000 })
    const backend = stage.backends([config]).all[0] as Backend
    await failed(backend)
    const call = () => backend.run({ caller: legacyCaller(), ...toolCall('echo') }, exchange())
    // The fourth attempt is followed by a wait of three to five seconds.
    await until(() => attempts() >= 4)
    await expect(call()).rejects.toThrow('connection refused')
    await stage.serve(
      handMade((message, _, res) => legacyBasics(message, res)),
      port,
    )
    await sleep(1_100)
    const before = Date.now()
    expect(textOf((await call()).body)).toContain('echo')
    expect(Date.now() - before).toBeLessThan(1_500)
  })
})
