import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ask, eventually, toolNames } from '../../fixtures/ask.ts'
import { LegacyClient } from '../../fixtures/client.ts'
import { closedAfterEach } from '../../fixtures/closed.ts'
import { config } from '../../fixtures/config.ts'
import { Stage } from '../../fixtures/stage.ts'
import { linesIn } from './lines.ts'

const stage = closedAfterEach(new Stage())

interface Logged {
  readonly message: string
  readonly request?: string
  readonly backend?: string
  readonly code?: string
}

test.each(['modern', 'legacy'])(
  'a call of a %s client that fails is found in every log by one id',
  async (era) => {
    const { ready: url } = await stage.hosted('slow', { era: 'modern' })
    const logFile = join(await stage.folder(), 'audit.log')
    const operational = { timeouts: { default: '1s' } }
    const gateway = await stage.gateway({
      config: config([{ name: 's', url }], { audit: { logFile }, operational }),
      args: ['--log-format', 'json'],
    })
    await eventually(async () => expect(await toolNames(gateway.ready)).toEqual(['s_sleep']))
    const params = { name: 's_sleep', arguments: { seconds: 20 } }
    if (era === 'modern') expect((await ask(gateway.ready, 'tools/call', params)).text).toContain('1000 ms')
    else {
      const client = await LegacyClient.open(gateway.ready)
      stage.defer(() => client.close())
      expect((await client.request('tools/call', params)).text).toContain('1000 ms')
    }
    const [line] = await linesIn(logFile, 'mcp_tool_call', 1)
    const request = line?.source.extra.request_id
    const logged = await eventually(() => {
      const lines = gateway
        .stderr()
        .trim()
        .split('\n')
        .map((it) => JSON.parse(it) as Logged)
      const about = lines.filter((it) => it.request === request)
      expect(about).toHaveLength(2)
      return about
    })
    expect(logged).toMatchObject([
      { message: 'a call failed at its backend', backend: 's', code: 'timeout' },
      { message: 'a request failed', method: 'tools/call', code: 'timeout' },
    ])
  },
)
