import { join } from 'node:path'
import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from '@modelcontextprotocol/client'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { beforeAll, describe, expect, test } from 'vitest'
import { eventually, toolNames } from '../fixtures/ask.ts'
import { closedAfterAll } from '../fixtures/closed.ts'
import { config } from '../fixtures/config.ts'
import { ROOT } from '../fixtures/root.ts'
import { type Child, Stage } from '../fixtures/stage.ts'

// What a server asks of its client, or tells it, in the course of a call: with a real server that does so.

const stage = closedAfterAll(new Stage())
let gateway: Child
beforeAll(async () => {
  const program = join(ROOT, 'node_modules/@modelcontextprotocol/server-everything/dist/index.js')
  gateway = await stage.gateway({
    config: config([{ name: 'e', transport: 'stdio', command: process.execPath, args: [program, 'stdio'] }]),
  })
  await eventually(async () => expect(await toolNames(gateway.ready)).toContain('e_echo'), 20_000)
})
const STEPS = { name: 'e_trigger-long-running-operation', arguments: { duration: 0.3, steps: 3 } }

describe('a legacy client', () => {
  let client: Client
  beforeAll(async () => {
    const capabilities = { sampling: {}, elicitation: {}, roots: { listChanged: true } }
    client = new Client({ name: 'relay', version: '1' }, { capabilities })
    client.setRequestHandler(CreateMessageRequestSchema, ({ params }) => ({
      model: 'test-model',
      role: 'assistant',
      content: { type: 'text', text: `sampled for ${JSON.stringify(params.messages)}` },
    }))
    client.setRequestHandler(ElicitRequestSchema, () => ({
      action: 'accept',
      content: { name: 'Ada Lovelace' },
    }))
    client.setRequestHandler(ListRootsRequestSchema, () => ({
      roots: [{ uri: 'file:///of-this-client', name: 'mine' }],
    }))
    await client.connect(new StreamableHTTPClientTransport(new URL(gateway.ready)) as Transport)
    stage.defer(() => client.close())
  })

  test('samples for the server', async () => {
    const args = { prompt: 'a haiku', maxTokens: 10 }
    const result = await client.callTool({ name: 'e_trigger-sampling-request', arguments: args })
    expect(JSON.stringify(result)).toContain('sampled for')
    expect(JSON.stringify(result)).toContain('a haiku')
  })

  test('answers the questions of the server', async () => {
    const result = await client.callTool({ name: 'e_trigger-elicitation-request', arguments: {} })
    expect(JSON.stringify(result)).toContain('Ada Lovelace')
  })

  test('tells its roots', async () => {
    const result = await client.callTool({ name: 'e_get-roots-list', arguments: {} })
    expect(JSON.stringify(result)).toContain('file:///of-this-client')
  })

  test('hears of progress', async () => {
    const heard: number[] = []
    await client.callTool(STEPS, undefined, { onprogress: ({ progress }) => heard.push(progress) })
    expect(heard).toEqual([1, 2, 3])
  })

  test('may cancel', async () => {
    const long = { ...STEPS, arguments: { duration: 20, steps: 2 } }
    const calling = client.callTool(long, undefined, { signal: AbortSignal.timeout(300) })
    await expect(calling).rejects.toThrow()
    expect(
      JSON.stringify(await client.callTool({ name: 'e_echo', arguments: { message: 'still here' } })),
    ).toContain('still here')
  })
})

test('a modern client hears of the progress of a legacy server', async () => {
  const client = new ClientV2(
    { name: 'relay', version: '1' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  )
  await client.connect(new HttpV2(new URL(gateway.ready)))
  stage.defer(() => client.close())
  const heard: number[] = []
  const result = await client.callTool(STEPS, { onprogress: ({ progress }) => heard.push(progress) })
  expect(JSON.stringify(result)).toContain('completed')
  expect(heard).toEqual([1, 2, 3])
})
