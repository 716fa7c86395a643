// A server on SDK v2 over stdio, modern only.
import { McpServer } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { z } from 'zod'

const text = (value) => ({ content: [{ type: 'text', text: JSON.stringify(value ?? null) }] })
let more = 0

serveStdio(
  () => {
    const server = new McpServer(
      { name: 'stdio-modern', version: '2' },
      { capabilities: { tools: { listChanged: true } } },
    )
    server.registerTool('echo', { inputSchema: z.object({ text: z.string() }) }, ({ text: it }) => text(it))
    server.registerTool('grow', {}, () => {
      server.registerTool(`grown_${more++}`, {}, () => text('grown'))
      return text('grew')
    })
    server.registerTool('wait', {}, async (ctx) => {
      await new Promise((resolve) => ctx.mcpReq.signal.addEventListener('abort', resolve))
      process.stderr.write('was cancelled\n')
      return text('late')
    })
    server.registerTool('exit', {}, () => process.exit(7))
    server.registerTool('progress', {}, async (ctx) => {
      const { progressToken } = ctx.mcpReq._meta
      await ctx.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress: 1 } })
      return text('done')
    })
    return server
  },
  { legacy: 'reject' },
)
