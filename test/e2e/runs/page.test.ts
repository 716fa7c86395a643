import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { eventually, toolNames } from '../../fixtures/ask.ts'
import { runCli } from '../../fixtures/cli.ts'
import { ModernClient } from '../../fixtures/client.ts'
import { closedAfterAll } from '../../fixtures/closed.ts'
import type { Json } from '../../fixtures/fixture.ts'
import { ROOT } from '../../fixtures/root.ts'
import { Stage } from '../../fixtures/stage.ts'
import { homeOf } from '../live/served.ts'

// The example of docs/runs.md, as it stands there but for addresses and folders.

vi.setConfig({ testTimeout: 60_000 })

const stage = closedAfterAll(new Stage())
/** A server with the tools of the example, over the plainest HTTP that will do. */
async function ci(): Promise<{ url: string; called: string[] }> {
  const called: string[] = []
  const tool = (name: string) => ({ name, inputSchema: { type: 'object' } })
  const answer = ({ method, params }: { method: string; params?: Json }): object => {
    if (method === 'initialize')
      return {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 'ci', version: '1' },
      }
    if (method === 'tools/list') return { tools: [tool('plan'), tool('deploy')] }
    if (method !== 'tools/call') return {}
    const { version } = (params?.['arguments'] ?? {}) as { version: string }
    called.push(`${params?.['name']} ${version}`)
    return { content: [{ type: 'text', text: `2 hosts get ${version}` }] }
  }
  const server = createServer(async (req, res) => {
    if (req.method !== 'POST') return void res.writeHead(405).end()
    const message = (await json(req)) as { id?: unknown; method: string }
    if (message.id === undefined) return void res.writeHead(202).end()
    if (message.method === 'server/discover') {
      const error = { code: -32601, message: 'method not found' }
      return void res.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, error }))
    }
    res.setHeader('content-type', 'application/json')
    res.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result: answer(message) }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  stage.defer(async () => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`, called }
}

test('the example survives a restart', async () => {
  const page = await readFile(join(ROOT, 'docs/runs.md'), 'utf8')
  const [, yaml = ''] = /^```yaml\n([\s\S]*?)^```$/m.exec(page) ?? []
  const { url, called } = await ci()
  const example = parse(yaml)
  example.backends[0].url = url
  example.workflowRuns.store.path = join(await stage.folder(), 'runs')
  const env = await homeOf(stage)
  const serve = async () => {
    const gateway = await stage.gateway({ config: example, env })
    await eventually(async () => expect(await toolNames(gateway.ready)).toContain('deploy'))
    const client = new ModernClient(gateway.ready, { capabilities: { elicitation: {} } })
    stage.defer(() => client.close())
    return { gateway, client }
  }
  const call = { name: 'deploy', arguments: { version: '1.4.2' } }

  const before = await serve()
  const { requestState, inputRequests } = await before.client.result('tools/call', call)
  expect(inputRequests).toMatchObject({
    'step:confirm': { params: { message: 'Deploy 1.4.2? 2 hosts get 1.4.2' } },
  })
  await before.gateway.stop('SIGKILL')

  const after = await serve()
  expect((await runCli(['runs'], env)).stdout).toMatch(/deploy +waiting +1\/3/)
  const inputResponses = { 'step:confirm': { action: 'accept', content: { agreed: true } } }
  const result = await after.client.result('tools/call', { ...call, requestState, inputResponses })
  expect(result).toMatchObject({ structuredContent: { text: '2 hosts get 1.4.2' } })
  expect(called).toEqual(['plan 1.4.2', 'deploy 1.4.2'])
})
