// A server on SDK v1 over stdio that tells of updates. Ends when told to; refuses the resource `no:such`.
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import {
  CallToolRequestSchema,
  ListToolsRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'

const subscribe = process.argv[2] !== 'silent'
const server = new Server(
  { name: 'updating', version: '1' },
  { capabilities: { tools: {}, resources: { subscribe } } },
)
const log = []

const TOOLS = {
  update: () => server.sendResourceUpdated({ uri: 'a:1' }),
  exit: () => process.exit(7),
  log() {},
}

server.setRequestHandler(ListToolsRequestSchema, () => ({
  tools: Object.keys(TOOLS).map((name) => ({ name, inputSchema: { type: 'object' } })),
}))
server.setRequestHandler(SubscribeRequestSchema, ({ params: { uri } }) => {
  if (uri === 'no:such') throw new Error('no such resource')
  log.push(`+${uri}`)
  return {}
})
server.setRequestHandler(UnsubscribeRequestSchema, ({ params: { uri } }) => {
  log.push(`-${uri}`)
  return {}
})
server.setRequestHandler(CallToolRequestSchema, async ({ params: { name } }) => {
  await TOOLS[name]()
  return { content: [{ type: 'text', text: JSON.stringify(log) }] }
})

await server.connect(new StdioServerTransport())
