import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { SkillsClient } from '@modelcontextprotocol/client/ext/skills'
import { beforeAll, describe, expect, test } from 'vitest'
import { ask, eventually, listTools, toolNames } from '../../fixtures/ask.ts'
import { closedAfterAll } from '../../fixtures/closed.ts'
import { config } from '../../fixtures/config.ts'
import type { Json } from '../../fixtures/fixture.ts'
import { Stage } from '../../fixtures/stage.ts'

// Extensions that the gateway knows nothing of, and those that it has to let through whole.

const SKILLS = 'io.modelcontextprotocol/skills'
const UI = 'io.modelcontextprotocol/ui'
const TASKS = 'io.modelcontextprotocol/tasks'

const stage = closedAfterAll(new Stage())
let url: string
let client: Client
beforeAll(async () => {
  const [a, b, c, d] = await Promise.all([
    // Has an extension, and knows no skills.
    stage.server('rounds:tasks', { era: 'modern', id: 'a' }),
    stage.server('rounds:extensions', { era: 'modern', id: 'b' }),
    stage.server('rounds:extensions', { era: 'modern', id: 'c' }),
    stage.server('rounds:asks', { era: 'modern', id: 'd' }),
  ])
  const entries = Object.entries({ a, b, c, d }).map(([name, { ready }]) => ({ name, url: ready }))
  url = (await stage.gateway({ config: config(entries) })).ready
  await eventually(async () => expect(await toolNames(url)).toHaveLength(1 + 1 + 1 + 10), 20_000)
  client = new Client(
    { name: 'extensions', version: '1' },
    { capabilities: { extensions: { [UI]: {} } }, versionNegotiation: { mode: { pin: '2026-07-28' } } },
  )
  await client.connect(new StreamableHTTPClientTransport(new URL(url)))
  stage.defer(() => client.close())
})
async function result(method: string): Promise<Json> {
  const { message, text } = await ask(url, method)
  if (message.result === undefined) throw new Error(text)
  return message.result
}

test('the extensions of all servers are advertised', async () => {
  const { capabilities } = await result('server/discover')
  const { extensions } = capabilities as { extensions: Json }
  expect(Object.keys(extensions).sort()).toEqual([SKILLS, TASKS, UI])
})

describe('skills', () => {
  const skills = () => new SkillsClient(client, { skipInvalid: true })

  test('are listed by the first server that has some', async () => {
    expect(skills().supported).toBe(true)
    const { skills: listed, invalid } = await skills().list()
    expect(invalid).toEqual([])
    expect(listed).toHaveLength(1)
    expect(JSON.stringify(listed)).toContain('skill://b-skill/SKILL.md')
  })

  test.each(['b', 'c'])('of server %s are got, and read to the byte', async (server) => {
    const { skill } = await skills().get(`skill://${server}-skill/SKILL.md`)
    const read = await skills().read(skill)
    expect(read).toMatchObject({ verified: true, text: expect.stringContaining(`Do as ${server} does.`) })
  })

  test('that are nowhere are an error of their server, and no unknown method', async () => {
    await expect(skills().get('skill://nobody/SKILL.md')).rejects.toThrow(/not found|Unknown|no skill/i)
  })
})

test('a method that no server knows does not exist', async () => {
  const { status, message } = await ask(url, 'weather/forecast', { of: 'tomorrow' })
  expect([status, message.error?.code]).toEqual([404, -32601])
})

describe('an app', () => {
  const APP = 'ui://asks/app'

  test('is named by its tool, and read as it is', async () => {
    const chart = (await listTools(url)).find(({ name }) => name === 'b_chart')
    expect(chart?._meta).toEqual({ ui: { resourceUri: APP } })
    const { contents } = await client.readResource({ uri: APP })
    const _meta = { ui: { csp: { connectDomains: ['https://x.example'] } } }
    expect(contents).toEqual([
      { uri: APP, mimeType: 'text/html;profile=mcp-app', text: '<p>chart</p>', _meta },
    ])
  })

  test('gets the structured result of its tool', async () => {
    const result = await client.callTool({ name: 'c_chart', arguments: {} })
    expect(result.structuredContent).toEqual({ points: [1, 2] })
  })
})
