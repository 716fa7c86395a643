import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from '@modelcontextprotocol/client'
import { StdioClientTransport as StdioV2 } from '@modelcontextprotocol/client/stdio'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js'
import { StdioClientTransport as StdioV1 } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { describe, expect, test } from 'vitest'
import { closedAfterAll } from '../fixtures/closed.ts'
import { type ServerName, Stage, serverCommand } from '../fixtures/stage.ts'

// The fixtures are only worth something if the SDKs' own clients take them for real servers.

const stage = closedAfterAll(new Stage())
const info = { name: 'test', version: '1' }

async function v1(transport: Transport) {
  const client = new ClientV1(info)
  await client.connect(transport)
  stage.defer(() => client.close())
  return client
}

async function v2(transport: Parameters<ClientV2['connect']>[0], mode: 'legacy' | 'modern') {
  const client = new ClientV2(info, {
    versionNegotiation: { mode: mode === 'legacy' ? 'legacy' : { pin: '2026-07-28' } },
  })
  await client.connect(transport)
  stage.defer(() => client.close())
  expect(client.getProtocolEra()).toBe(mode)
  return client
}

const echoed = (input: string) => ({ name: 'echo', arguments: { input } })

describe.each<ServerName>(['echo', 'wire:echo'])('%s', (name) => {
  test.each(['modern', 'both'] as const)(
    'speaks the modern era over HTTP when started for %s',
    async (era) => {
      const { ready } = await stage.server(name, { era, id: 'here' })
      const client = await v2(new HttpV2(new URL(ready)), 'modern')
      expect((await client.listTools()).tools.map((tool) => tool.name)).toContain('echo')
      expect(JSON.stringify(await client.callTool(echoed('hello')))).toContain('hello')
    },
  )

  test.each(['legacy', 'both'] as const)(
    'speaks the legacy era over HTTP when started for %s',
    async (era) => {
      const { ready } = await stage.server(name, { era, id: 'here' })
      const client = await v1(new HttpV1(new URL(ready)) as Transport)
      expect((await client.listTools()).tools.map((tool) => tool.name)).toContain('echo')
      expect(JSON.stringify(await client.callTool(echoed('hello')))).toContain('hello')
    },
  )

  test('speaks HTTP+SSE', async () => {
    const { ready } = await stage.server(name, { era: 'legacy', transport: 'sse' })
    const client = await v1(new SSEClientTransport(new URL(ready)))
    expect(JSON.stringify(await client.callTool(echoed('hello')))).toContain('hello')
  })

  test.each(['modern', 'both'] as const)(
    'speaks the modern era over stdio when started for %s',
    async (era) => {
      const client = await v2(new StdioV2(serverCommand(name, { era })), 'modern')
      expect(JSON.stringify(await client.callTool(echoed('hello')))).toContain('hello')
    },
  )

  test.each(['legacy', 'both'] as const)(
    'speaks the legacy era over stdio when started for %s',
    async (era) => {
      const client = await v1(new StdioV1(serverCommand(name, { era })))
      expect(JSON.stringify(await client.callTool(echoed('hello')))).toContain('hello')
    },
  )
})
