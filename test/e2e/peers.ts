import { join } from 'node:path'
import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from '@modelcontextprotocol/client'
import { StdioClientTransport as StdioV2 } from '@modelcontextprotocol/client/stdio'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as StdioV1 } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { ROOT } from '../fixtures/root.ts'
import { CLI, type Stage } from '../fixtures/stage.ts'

/** What the tests ask of a real client, whichever it is. */
export interface Peer {
  listTools(): Promise<string[]>
  callText(name: string, args: Record<string, unknown>): Promise<string>
  readText(uri: string): Promise<string>
  promptText(name: string, args: Record<string, string>): Promise<string>
}

export interface StdioDoor {
  readonly command: string
  readonly args: string[]
}

/** Where a gateway is: an endpoint, or a command to start. */
export type Door = { readonly url: string } | StdioDoor

export type Connect = (stage: Stage, door: Door) => Promise<Peer>

const info = { name: 'test-peer', version: '1' }

export function stdioDoor(file: string): StdioDoor {
  return { command: process.execPath, args: [CLI, 'serve', '--config', file, '--stdio'] }
}

export const connectV1: Connect = async (stage, door) => {
  const transport = 'url' in door ? new HttpV1(new URL(door.url)) : new StdioV1({ ...door, stderr: 'ignore' })
  const client = new ClientV1(info)
  await client.connect(transport as Transport)
  stage.defer(() => client.close())
  return {
    listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
    callText: async (name, args) => textOf(await client.callTool({ name, arguments: args })),
    readText: async (uri) => JSON.stringify(await client.readResource({ uri })),
    promptText: async (name, args) => JSON.stringify(await client.getPrompt({ name, arguments: args })),
  }
}

export function connectV2(era: 'legacy' | 'modern' | 'auto'): Connect {
  const expected = era === 'auto' ? 'modern' : era
  return async (stage, door) => {
    const mode = era === 'modern' ? { pin: '2026-07-28' } : era
    const client = new ClientV2(info, { versionNegotiation: { mode } })
    const transport =
      'url' in door ? new HttpV2(new URL(door.url)) : new StdioV2({ ...door, stderr: 'ignore' })
    await client.connect(transport)
    stage.defer(() => client.close())
    if (client.getProtocolEra() !== expected) throw new Error(`negotiated ${client.getProtocolEra()}`)
    return {
      listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
      callText: async (name, args) => textOf(await client.callTool({ name, arguments: args })),
      readText: async (uri) => JSON.stringify(await client.readResource({ uri })),
      promptText: async (name, args) => JSON.stringify(await client.getPrompt({ name, arguments: args })),
    }
  }
}

/** `mcp-remote` turns an endpoint into a command; an SDK client talks to that. */
export function connectRemote(protocol: 'legacy' | 'auto'): Connect {
  return async (stage, door) => {
    if (!('url' in door)) throw new Error('mcp-remote takes an endpoint')
    const home = await stage.folder()
    const program = join(ROOT, 'node_modules/mcp-remote/dist/proxy.js')
    const args = [program, door.url, '--protocol', protocol, '--transport', 'http-only']
    const env = { PATH: process.env.PATH ?? '', HOME: home, MCP_REMOTE_CONFIG_DIR: home }
    return connectV1(stage, { command: process.execPath, args, ...{ env } })
  }
}

function textOf(result: object): string {
  const [block] = ('content' in result ? result.content : []) as { text?: string }[]
  if (block?.text === undefined) throw new Error(JSON.stringify(result))
  return block.text
}
