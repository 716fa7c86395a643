// A server on SDK v1 over stdio.
import { spawn } from 'node:child_process'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { z } from 'zod'

const server = new McpServer({ name: 'stdio-legacy', version: '1' }, { capabilities: { logging: {} } })
const text = (value) => ({ content: [{ type: 'text', text: JSON.stringify(value ?? null) }] })

server.registerTool('echo', { inputSchema: { text: z.string() } }, ({ text: it }) => text(it))
server.registerTool('pid', {}, () => text(process.pid))
server.registerTool('env', {}, () => text(process.env))
server.registerTool('exit', {}, () => {
  process.stderr.write('Error: told to go\n')
  process.exit(7)
})
server.registerTool('sleep', { inputSchema: { ms: z.number() } }, async ({ ms }) => {
  await new Promise((resolve) => setTimeout(resolve, ms))
  return text('awake')
})
server.registerTool('wait', {}, async (extra) => {
  process.stderr.write('is waiting\n')
  await new Promise((resolve) => extra.signal.addEventListener('abort', resolve))
  process.stderr.write('was cancelled\n')
  return text('late')
})
server.registerTool('progress', {}, async (extra) => {
  const { progressToken } = extra._meta
  await extra.sendNotification({ method: 'notifications/progress', params: { progressToken, progress: 1 } })
  await server.server.sendLoggingMessage({ level: 'info', data: 'hello' })
  return text(progressToken)
})
server.registerTool('ask', {}, async () => {
  const requestedSchema = { type: 'object', properties: {} }
  return text(await server.server.elicitInput({ message: 'name?', requestedSchema }))
})
// Outlives its parent unless the whole process group is ended.
server.registerTool('grandchild', {}, () => {
  const code = "process.on('SIGTERM',()=>{});setInterval(()=>{},1000)"
  return text(spawn(process.execPath, ['-e', code], { stdio: 'ignore' }).pid)
})

await server.connect(new StdioServerTransport())
