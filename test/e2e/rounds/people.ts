import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from '@modelcontextprotocol/client'
import { StdioClientTransport as StdioV2 } from '@modelcontextprotocol/client/stdio'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as StdioV1 } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'
import type { Json } from '../../fixtures/fixture.ts'
import type { Stage } from '../../fixtures/stage.ts'
import type { Door } from '../peers.ts'

/** Everything that a client can be asked. */
export const ABLE = { elicitation: { form: {}, url: {} }, sampling: { tools: {} }, roots: {} }

/** Somebody with a real client, who answers whatever is asked, in words of their own. */
export interface Person {
  readonly name: string
  tools(): Promise<string[]>
  /** What was asked, in order. */
  readonly asked: string[]
  /** The text that a tool answers. */
  call(tool: string, about: string, signal?: AbortSignal): Promise<string>
  prompt(name: string, about: string): Promise<string>
  read(uri: string): Promise<string>
}

export type Meet = (stage: Stage, door: Door, name: string) => Promise<Person>

interface Asked {
  readonly params?: object | undefined
}

/** The answers of one person. */
class Answers {
  readonly name: string
  readonly asked: string[] = []

  constructor(name: string) {
    this.name = name
  }

  elicit({ params }: Asked) {
    const { mode, message, url } = params as Record<string, string>
    this.asked.push(String(mode === 'url' ? url : message))
    const action = 'accept' as const
    return mode === 'url' ? { action } : { action, content: { value: `${this.name} on ${message}` } }
  }

  sample({ params }: Asked) {
    const { messages, tools } = params as { messages: { content: { text: string } }[]; tools?: object[] }
    const text = `${this.name} sampled ${messages[0]?.content.text} with ${tools?.length ?? 0} tools`
    return { model: 'm', role: 'assistant' as const, content: { type: 'text' as const, text } }
  }

  roots() {
    return { roots: [{ uri: `file:///${this.name}` }] }
  }
}

export const meetV1: Meet = async (stage, door, name) => {
  const answers = new Answers(name)
  const client = new ClientV1({ name, version: '1' }, { capabilities: ABLE })
  client.setRequestHandler(ElicitRequestSchema, (request) => answers.elicit(request))
  client.setRequestHandler(CreateMessageRequestSchema, (request) => answers.sample(request))
  client.setRequestHandler(ListRootsRequestSchema, () => answers.roots())
  const transport = 'url' in door ? new HttpV1(new URL(door.url)) : new StdioV1({ ...door, stderr: 'ignore' })
  await client.connect(transport as Transport)
  stage.defer(() => client.close())
  return {
    name,
    asked: answers.asked,
    tools: async () => (await client.listTools()).tools.map((tool) => tool.name),
    call: async (tool, about, signal) =>
      textOf(
        await client.callTool(
          { name: tool, arguments: { about } },
          undefined,
          signal ? { signal } : undefined,
        ),
      ),
    prompt: async (prompt, about) => textOf(await client.getPrompt({ name: prompt, arguments: { about } })),
    read: async (uri) => textOf(await client.readResource({ uri })),
  }
}

/** With SDK v2; the modern one fulfils `input_required` results by the same handlers. */
export function meetV2(era: 'legacy' | 'modern'): Meet {
  return async (stage, door, name) => {
    const answers = new Answers(name)
    const mode = era === 'modern' ? { pin: '2026-07-28' } : era
    const client = new ClientV2({ name, version: '1' }, { capabilities: ABLE, versionNegotiation: { mode } })
    client.setRequestHandler('elicitation/create', (request) => answers.elicit(request))
    client.setRequestHandler('sampling/createMessage', (request) => answers.sample(request))
    client.setRequestHandler('roots/list', () => answers.roots())
    const transport =
      'url' in door ? new HttpV2(new URL(door.url)) : new StdioV2({ ...door, stderr: 'ignore' })
    await client.connect(transport)
    stage.defer(() => client.close())
    return {
      name,
      asked: answers.asked,
      tools: async () => (await client.listTools()).tools.map((tool) => tool.name),
      call: async (tool, about, signal) =>
        textOf(await client.callTool({ name: tool, arguments: { about } }, signal ? { signal } : {})),
      prompt: async (prompt, about) => textOf(await client.getPrompt({ name: prompt, arguments: { about } })),
      read: async (uri) => textOf(await client.readResource({ uri })),
    }
  }
}

/** Of a tool, a prompt or a resource. */
function textOf(result: object): string {
  const { content, messages, contents } = result as Record<string, Json[] | undefined>
  const block = content?.[0] ?? (messages?.[0]?.content as Json | undefined) ?? contents?.[0]
  if (typeof block?.text !== 'string') throw new Error(JSON.stringify(result))
  return block.text
}
