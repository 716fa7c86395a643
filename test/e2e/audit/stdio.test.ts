import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { beforeAll, expect, test } from 'vitest'
import { runCli } from '../../fixtures/cli.ts'
import { closedAfterAll } from '../../fixtures/closed.ts'
import { config } from '../../fixtures/config.ts'
import { CLI, Stage } from '../../fixtures/stage.ts'
import { linesIn } from './lines.ts'

const stage = closedAfterAll(new Stage())
let backend: { name: string; url: string }

beforeAll(async () => {
  const { ready } = await stage.hosted('echo', { era: 'both' })
  backend = { name: 'echo', url: ready }
})
const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': { name: 'piped', version: '2' },
}

test('calls of both eras on stdin are in the audit log, and the last is not lost', async () => {
  const file = join(await stage.folder(), 'audit.log')
  const path = await stage.file('vmcp.yaml', config([backend], { audit: { logFile: file } }))
  const gateway = spawn(process.execPath, [CLI, 'serve', '--config', path, '--stdio'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const exited = once(gateway, 'exit')
  stage.defer(async () => gateway.kill('SIGKILL'))
  const replies = createInterface({ input: gateway.stdout })[Symbol.asyncIterator]()
  const request = async (id: number, method: string, params: object) => {
    gateway.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`)
    for (;;) {
      const { value } = await replies.next()
      const reply = JSON.parse(value as string) as { method?: string }
      if (reply.method === undefined) return expect(reply).toMatchObject({ id, result: {} })
    }
  }
  const call = { name: 'echo_echo', arguments: { input: 'hi' } }
  const clientInfo = { name: 'piped', version: '1' }
  await request(1, 'initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo })
  await request(2, 'tools/call', { ...call, _meta: META })
  await request(3, 'tools/call', call)
  gateway.stdin.end()
  expect(await exited).toEqual([0, null])
  const lines = await linesIn(file, 'mcp_tool_call', 2)
  expect(lines.map(({ subjects }) => subjects['client_version'])).toEqual(['2', '1'])
  expect(lines[0]).toMatchObject({
    outcome: 'success',
    source: { type: 'local', value: 'stdio' },
    target: { endpoint: 'stdio', name: 'echo_echo' },
    metadata: { extra: { transport: 'stdio', backend_name: 'echo' } },
  })
})

test('standard output is refused as the audit log of a server on stdin, with the mend', async () => {
  const path = await stage.file('vmcp.yaml', config([backend], { audit: {} }))
  const { code, output } = await runCli(['serve', '--config', path, '--stdio'])
  expect(code).toBe(3)
  expect(output).toContain('set audit.logFile')
})
