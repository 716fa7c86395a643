import { beforeAll, describe, expect, test } from 'vitest'
import { LegacyClient, ModernClient } from '../fixtures/client.ts'
import { closedAfterAll } from '../fixtures/closed.ts'
import { config } from '../fixtures/config.ts'
import type { Json } from '../fixtures/fixture.ts'
import { type Child, type ServerFlags, Stage, serverCommand } from '../fixtures/stage.ts'
import { RICH } from '../fixtures/wire/rich.ts'

const stage = closedAfterAll(new Stage())
type Open = (url: string) => Promise<{ request: ModernClient['request'] }>

const CLIENTS: [string, Open][] = [
  [
    'modern client',
    async (url) => {
      const client = new ModernClient(url)
      stage.defer(() => client.close())
      return client
    },
  ],
  [
    'legacy client',
    async (url) => {
      const client = await LegacyClient.open(url)
      stage.defer(() => client.close())
      return client
    },
  ],
]

const BACKENDS: [string, ServerFlags][] = [
  ['modern HTTP', { era: 'modern', transport: 'http' }],
  ['legacy HTTP', { era: 'legacy', transport: 'http' }],
  ['legacy HTTP that streams', { era: 'legacy', transport: 'http', reply: 'sse' }],
  ['HTTP+SSE', { era: 'legacy', transport: 'sse' }],
  ['modern stdio', { era: 'modern', transport: 'stdio' }],
  ['legacy stdio', { era: 'legacy', transport: 'stdio' }],
]

async function entry(flags: ServerFlags) {
  if (flags.transport === 'stdio') {
    return { name: 'r', transport: 'stdio' as const, ...serverCommand('wire:rich', flags) }
  }
  const { ready } = await stage.server('wire:rich', flags)
  return { name: 'r', url: ready, ...(flags.transport === 'sse' && { transport: 'sse' as const }) }
}

/** Integers beyond 2^53 do not survive `JSON.parse`, so they are compared in the text. */
const BIG = ['9007199254740993', '12345678901234567890', '0.10000000000000000555']

describe.each(BACKENDS)('through a %s backend', (_name, flags) => {
  let gateway: Child
  beforeAll(async () => {
    gateway = await stage.gateway({ config: config([await entry(flags)]) })
  })

  describe.each(CLIENTS)('a %s gets, as sent,', (_client, open) => {
    const ask = async (method: string, params: Json = {}) => {
      const client = await open(gateway.ready)
      const { message, text } = await client.request(method, params)
      expect(message.result, text).toBeDefined()
      return { result: message.result as Json, text }
    }

    test('tool definitions: title, icons, _meta, schemas, annotations, unknown fields', async () => {
      const { result, text } = await ask('tools/list')
      const tools = result.tools as Json[]
      expect(text).toContain('"big":{"const":9007199254740993}')
      expect(text).toContain('"rank":9007199254740993')
      expect(tools.find(({ name }) => name === 'r_rich_tool')).toEqual({
        ...JSON.parse(RICH.tool),
        name: 'r_rich_tool',
      })
    })

    test('results: every content block, structured content, _meta, numbers no double holds', async () => {
      const { result, text } = await ask('tools/call', { name: 'r_rich_tool', arguments: {} })
      expect(result).toMatchObject(JSON.parse(RICH.result))
      expect(result.content).toEqual(JSON.parse(RICH.result).content)
      for (const number of BIG) expect(text).toContain(number)
    })

    test('no structured content where there was none', async () => {
      const { result } = await ask('tools/call', { name: 'r_text_only', arguments: {} })
      expect(result).not.toHaveProperty('structuredContent')
    })

    test('resources, templates and prompts', async () => {
      const resources = await ask('resources/list')
      expect(resources.result.resources).toEqual([JSON.parse(RICH.resource)])
      expect(resources.text).toContain('"size":9007199254740993')
      const templates = await ask('resources/templates/list')
      expect(templates.result.resourceTemplates).toEqual([JSON.parse(RICH.template)])
      const prompts = await ask('prompts/list')
      expect(prompts.result.prompts).toEqual([{ ...JSON.parse(RICH.prompt), name: 'r_rich_prompt' }])
    })

    test('what is read, by its own URI and by one that only a template matches', async () => {
      for (const uri of ['rich://doc', 'rich://items/42']) {
        const { result, text } = await ask('resources/read', { uri })
        expect(result.contents).toMatchObject([{ uri, text: `read ${uri}`, 'x-c': 1 }])
        expect(text).toContain('9007199254740993')
      }
    })
  })
})
