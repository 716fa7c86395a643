import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from '@modelcontextprotocol/client'
import { StdioClientTransport as StdioV2 } from '@modelcontextprotocol/client/stdio'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as StdioV1 } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import type { ClientCapabilities } from '@modelcontextprotocol/sdk/types.js'
import type { RpcMessage } from '../../fixtures/client.ts'
import type { Json } from '../../fixtures/fixture.ts'
import type { Stage } from '../../fixtures/stage.ts'
import type { Door, StdioDoor } from '../peers.ts'

export interface Heard {
  readonly method: string
  readonly params?: Json
}

/** A real client that takes note of every notification which it gets. */
export interface Listener {
  readonly heard: readonly Heard[]
  /** The text of a tool's answer. */
  call(name: string, args?: Json): Promise<string>
  /** @returns what ends it; or why there is none, in the client's words */
  subscribe(uri: string): Promise<() => Promise<unknown>>
  /** Says that it wants to hear of all lists. */
  watchLists(): Promise<unknown>
}

const info = { name: 'cells', version: '1' }

export async function connectV1(stage: Stage, door: Door, capabilities: ClientCapabilities = {}) {
  const client = new ClientV1(info, { capabilities })
  const heard: Heard[] = []
  client.fallbackNotificationHandler = async (it) => void heard.push(it as Heard)
  const transport = 'url' in door ? new HttpV1(new URL(door.url)) : new StdioV1({ ...door, stderr: 'ignore' })
  await client.connect(transport as Transport)
  stage.defer(() => client.close())
  const listener: Listener = {
    heard,
    call: async (name, args = {}) => textOf(await client.callTool({ name, arguments: { ...args } })),
    subscribe: async (uri) => {
      await client.subscribeResource({ uri })
      return () => client.unsubscribeResource({ uri })
    },
    watchLists: async () => {},
  }
  return Object.assign(listener, { client })
}

export async function connectV2(stage: Stage, door: Door): Promise<Listener> {
  const client = new ClientV2(info, { versionNegotiation: { mode: { pin: '2026-07-28' } } })
  const heard: Heard[] = []
  client.fallbackNotificationHandler = async (it) => void heard.push(it as Heard)
  const transport = 'url' in door ? new HttpV2(new URL(door.url)) : new StdioV2({ ...door, stderr: 'ignore' })
  await client.connect(transport)
  stage.defer(() => client.close())
  return {
    heard,
    call: async (name, args = {}) => textOf(await client.callTool({ name, arguments: { ...args } })),
    subscribe: async (uri) => {
      const subscription = await client.listen({ resourceSubscriptions: [uri] })
      const honoured = subscription.honoredFilter.resourceSubscriptions ?? []
      if (!honoured.includes(uri)) throw new Error('not acknowledged')
      return () => subscription.close()
    },
    watchLists: () =>
      client.listen({ toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true }),
  }
}

/** The URIs of the resources that a client was told of, in order. */
export function updates({ heard }: Listener): unknown[] {
  return heard.filter(({ method }) => method === 'notifications/resources/updated').map(uriOf)
}

function uriOf({ params }: Heard): unknown {
  return params?.uri
}

function textOf(result: object): string {
  const [block] = ('content' in result ? result.content : []) as { text?: string }[]
  if (block?.text === undefined) throw new Error(JSON.stringify(result))
  return block.text
}

/** A client over stdio with nothing in between: what it gets is kept in `received`. */
export function rawStdio(stage: Stage, { command, args }: StdioDoor) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] })
  const received: RpcMessage[] = []
  createInterface({ input: child.stdout }).on('line', (line) => received.push(JSON.parse(line) as RpcMessage))
  stage.defer(async () => {
    if (child.exitCode !== null) return
    const exited = once(child, 'exit')
    child.stdin.end()
    await exited
  })
  const send = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  return { received, send }
}
