import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import parsePrometheusTextFormat from 'parse-prometheus-text-format'
import { request } from 'undici'
import { describe, expect, test } from 'vitest'
import { eventually } from '../fixtures/ask.ts'
import { LegacyClient, ModernClient } from '../fixtures/client.ts'
import { closedAfterEach } from '../fixtures/closed.ts'
import { config } from '../fixtures/config.ts'
import type { Json } from '../fixtures/fixture.ts'
import { Receiver } from '../fixtures/otlp/receiver.ts'
import { freePort } from '../fixtures/ports.ts'
import { CLI, Stage } from '../fixtures/stage.ts'
import { echo, params, tool } from './composite.ts'

const stage = closedAfterEach(new Stage())

type Era = 'legacy' | 'modern'

const PROMETHEUS = { enablePrometheusMetricsPath: true, prometheusPort: 0 }
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'

const echoWorkflow = tool('echo_workflow', [echo('one', '{{ .params.message }}'), echo('two', 'b')], {
  parameters: params({ message: { type: 'string' } }),
})

interface Message {
  readonly id?: number
  readonly method: string
  readonly params?: { readonly _meta?: Record<string, string> }
}

interface Call {
  readonly headers: IncomingHttpHeaders
  readonly meta: Record<string, string>
}

/** A server that keeps what comes with the calls of its one tool. */
async function recording(era: Era): Promise<{ url: string; calls: Call[] }> {
  const calls: Call[] = []
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk as Buffer)
    const { id, method, params } = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Message
    if (method === 'tools/call') calls.push({ headers: req.headers, meta: params?._meta ?? {} })
    const result = answer(era, method)
    if (id === undefined) {
      res.writeHead(req.method === 'GET' ? 405 : 202).end()
      return
    }
    res.writeHead(200, { 'content-type': 'application/json' })
    const error = { code: -32601, message: 'Method not found' }
    res.end(JSON.stringify({ jsonrpc: '2.0', id, ...(result === undefined ? { error } : { result }) }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stage.defer(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp?token=s3cret`, calls }
}

function answer(era: Era, method: string): object | undefined {
  const of = era === 'modern' ? { resultType: 'complete', ttlMs: 0, cacheScope: 'private' } : {}
  const capabilities = { tools: {} }
  if (method === 'tools/list') return { ...of, tools: [{ name: 'note', inputSchema: { type: 'object' } }] }
  if (method === 'tools/call') return { ...of, content: [{ type: 'text', text: 'noted' }] }
  if (era === 'modern' && method === 'server/discover')
    return { ...of, supportedVersions: ['2026-07-28'], capabilities }
  if (era === 'legacy' && method === 'initialize')
    return { protocolVersion: '2025-11-25', capabilities, serverInfo: { name: 'r', version: '1' } }
  return undefined
}

async function collector(protocol: 'http' | 'grpc' = 'http'): Promise<Receiver> {
  const receiver = protocol === 'grpc' ? await Receiver.grpc() : await Receiver.http()
  stage.defer(() => receiver.close())
  return receiver
}

async function call(era: Era, url: string, params: Json, headers: Json = {}): Promise<void> {
  const client = era === 'legacy' ? await LegacyClient.open(url) : new ModernClient(url)
  const { message } = await client.request('tools/call', params, headers)
  expect(message.error).toBeUndefined()
  await client.close()
}

async function metricsOf(url: string) {
  const { body, statusCode, headers } = await request(new URL('/metrics', url))
  return { text: await body.text(), statusCode, type: headers['content-type'] }
}

describe('/metrics', () => {
  test('tells of composite tools, backends and clients after one call', async () => {
    const { ready: url } = await stage.hosted('echo', { era: 'both' })
    const gateway = await stage.gateway({
      config: config([{ name: 'echo', url }], { compositeTools: [echoWorkflow], telemetry: PROMETHEUS }),
    })
    await call('modern', gateway.ready, { name: 'echo_workflow', arguments: { message: 'hi' } })
    const { text, type } = await metricsOf(gateway.ready)
    expect(type).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(text).toContain('toolhive_vmcp_workflow_executions_total{workflow_name="echo_workflow"} 1\n')
    expect(text).toContain('toolhive_vmcp_workflow_duration_seconds_count{workflow_name="echo_workflow"} 1\n')
    expect(text).toContain('toolhive_vmcp_backends_discovered 1\n')
    const families = parsePrometheusTextFormat(text)
    const family = (name: string) => families.find((it) => it.name === name)?.metrics
    const calls = family('toolhive_vmcp_backend_requests_total')?.filter(
      ({ labels }) => labels?.['action'] === 'call_tool',
    )
    expect(calls).toMatchObject([
      {
        value: '2',
        labels: { target_workload_name: 'echo', mcp_method_name: 'tools/call', tool_name: 'echo' },
      },
    ])
    expect(family('toolhive_mcp_tool_calls_total')).toEqual([
      { value: '1', labels: { server: 'test-vmcp', tool: 'echo_workflow', status: 'success' } },
    ])
    expect(family('toolhive_mcp_requests_total')).toEqual([
      {
        value: '1',
        labels: {
          ...{ method: 'POST', status_code: '200', status: 'success', mcp_method: 'tools/call' },
          ...{ mcp_resource_id: 'echo_workflow', server: 'test-vmcp', transport: 'streamable-http' },
        },
      },
    ])
  })

  test('is a port of its own on loopback too, and not at all where it is not wanted', async () => {
    const { ready: url } = await stage.hosted('echo', { era: 'both' })
    const port = await freePort()
    const apart = { enablePrometheusMetricsPath: true, metricsOnTransportPort: false, prometheusPort: port }
    const gateway = await stage.gateway({ config: config([{ name: 'echo', url }], { telemetry: apart }) })
    expect((await metricsOf(gateway.ready)).statusCode).toBe(404)
    expect((await metricsOf(`http://127.0.0.1:${port}`)).text).toContain(
      'toolhive_vmcp_backends_discovered 1',
    )
    const second = stage.gateway({ config: config([{ name: 'echo', url }], { telemetry: apart }) })
    await expect(second).rejects.toThrow(/telemetry.prometheusPort: cannot listen on 127.0.0.1 port \d+/)
  })
})

describe.each<Era>(['legacy', 'modern'])('the trace of a %s client', (client) => {
  test.each<Era>(['legacy', 'modern'])('reaches a %s backend, and all spans are one trace', async (era) => {
    const { url, calls } = await recording(era)
    const receiver = await collector()
    const telemetry = { endpoint: receiver.address, insecure: true, tracingEnabled: true, samplingRate: 0 }
    const gateway = await stage.gateway({ config: config([{ name: 'rec', url }], { telemetry }) })
    const _meta = { traceparent: `00-${TRACE}-${PARENT}-01`, tracestate: 'a=b', baggage: 'k=v' }
    await call(client, gateway.ready, { name: 'rec_note', arguments: {}, _meta })
    await gateway.stop()
    const [server, ours] = ['tools/call rec_note', 'tools/call note'].map((name) =>
      receiver.spans.find((span) => span.name === name),
    )
    expect(server).toMatchObject({ traceId: TRACE, parentSpanId: PARENT, kind: 2, failed: false })
    expect(ours).toMatchObject({ traceId: TRACE, parentSpanId: server?.spanId, kind: 3, traceState: 'a=b' })
    const traceparent = `00-${TRACE}-${ours?.spanId}-01`
    expect(calls).toMatchObject([
      {
        meta: { traceparent, tracestate: 'a=b', baggage: 'k=v' },
        headers: { traceparent, tracestate: 'a=b' },
      },
    ])
    expect(server?.attributes).toMatchObject({
      ...{ 'mcp.method.name': 'tools/call', 'gen_ai.tool.name': 'rec_note' },
      ...{ 'gen_ai.operation.name': 'execute_tool', 'mcp.server.name': 'test-vmcp' },
      ...{ 'network.transport': 'tcp', 'network.protocol.name': 'http', 'client.address': '127.0.0.1' },
      'mcp.protocol.version': client === 'modern' ? '2026-07-28' : '2025-11-25',
      'jsonrpc.request.id': client === 'modern' ? '1' : '2',
      ...{ 'mcp.method': 'tools/call', 'mcp.tool.name': 'rec_note', 'mcp.transport': 'streamable-http' },
    })
    expect(ours?.attributes).toMatchObject({
      ...{ 'mcp.method.name': 'tools/call', 'gen_ai.tool.name': 'note', action: 'call_tool' },
      ...{
        'target.workload_name': 'rec',
        'target.base_url': url.replace(/\?.*/, ''),
        'server.address': '127.0.0.1',
      },
      'mcp.protocol.version': era === 'modern' ? '2026-07-28' : '2025-11-25',
    })
    expect(JSON.stringify(receiver.received)).not.toContain('s3cret')
  })

  test('is that of its HTTP header where it has no other, and linked to it where it has', async () => {
    const { url, calls } = await recording(client)
    const receiver = await collector('grpc')
    const telemetry = {
      ...{ endpoint: receiver.address, protocol: 'grpc', insecure: true, tracingEnabled: true },
      ...{ samplingRate: 0, useLegacyAttributes: false },
    }
    const gateway = await stage.gateway({ config: config([{ name: 'rec', url }], { telemetry }) })
    const params = { name: 'rec_note', arguments: {} }
    const traceparent = `00-${TRACE}-${PARENT}-01`
    await call(client, gateway.ready, params, { traceparent })
    const other = '11111111111111111111111111111111'
    const _meta = { traceparent: `00-${other}-2222222222222222-01` }
    await call(client, gateway.ready, { ...params, _meta }, { traceparent })
    await gateway.stop()
    const servers = receiver.spans.filter(({ name }) => name === 'tools/call rec_note')
    expect(servers).toMatchObject([
      { traceId: TRACE, parentSpanId: PARENT, links: [] },
      { traceId: other, parentSpanId: '2222222222222222', links: [{ traceId: TRACE, spanId: PARENT }] },
    ])
    expect(servers[0]?.attributes).not.toHaveProperty('mcp.method')
    expect(calls.map(({ meta }) => meta['traceparent']?.slice(3, 35))).toEqual([TRACE, other])
  })

  test('that is not recorded is passed on as such, none is begun for nobody, and nothing is exported', async () => {
    const { url, calls } = await recording(client)
    const receiver = await collector()
    const telemetry = { endpoint: receiver.address, insecure: true, tracingEnabled: true, samplingRate: 0 }
    const gateway = await stage.gateway({ config: config([{ name: 'rec', url }], { telemetry }) })
    const _meta = { traceparent: `00-${TRACE}-${PARENT}-00` }
    await call(client, gateway.ready, { name: 'rec_note', arguments: {}, _meta })
    await call(client, gateway.ready, { name: 'rec_note', arguments: {} })
    await gateway.stop()
    expect(receiver.spans).toEqual([])
    expect(calls[0]?.meta['traceparent']).toBe(_meta.traceparent)
    expect(calls[1]?.meta).not.toHaveProperty('traceparent')
    expect(calls[1]?.headers).not.toHaveProperty('traceparent')
  })

  test('is none of ours without telemetry: _meta passes as it is', async () => {
    const { url, calls } = await recording(client)
    const gateway = await stage.gateway({ config: config([{ name: 'rec', url }]) })
    const _meta = { traceparent: 'anything', tracestate: 'at=all' }
    await call(client, gateway.ready, { name: 'rec_note', arguments: {}, _meta })
    await call(client, gateway.ready, { name: 'rec_note', arguments: {} })
    expect(calls[0]?.meta).toMatchObject(_meta)
    expect(calls[1]?.meta).not.toHaveProperty('traceparent')
    expect(calls[1]?.headers).not.toHaveProperty('traceparent')
  })
})

describe('a composite tool', () => {
  test('is a span between that of its call and those of its steps, and errors are told', async () => {
    const { ready: url } = await stage.hosted('echo', { era: 'both' })
    const receiver = await collector()
    const telemetry = {
      ...{ endpoint: receiver.address, insecure: true, tracingEnabled: true, metricsEnabled: true },
      samplingRate: 1,
      environmentVariables: ['STAGE'],
    }
    const failing = tool('failing', [echo('a', 'a', { condition: '{{ .params.go }}' })], {
      parameters: params({ go: { type: 'string' } }),
    })
    const gateway = await stage.gateway({
      config: config([{ name: 'echo', url }], { compositeTools: [echoWorkflow, failing], telemetry }),
      env: { STAGE: 'test', OTEL_EXPORTER_OTLP_HEADERS: 'x-key=s3cret' },
    })
    await call('modern', gateway.ready, { name: 'echo_workflow', arguments: { message: 'hi' } })
    await call('modern', gateway.ready, { name: 'failing', arguments: { go: 'yes' } })
    await gateway.stop()
    const [server, ...more] = receiver.spans.filter(({ name }) => name === 'tools/call echo_workflow')
    expect(more).toEqual([])
    expect(server?.attributes).toMatchObject({ 'environment.STAGE': 'test' })
    const inTrace = receiver.spans.filter(({ traceId }) => traceId === server?.traceId)
    const listings = receiver.spans.filter(({ name }) => name === 'list_capabilities')
    expect(listings).toMatchObject([
      { kind: 3, parentSpanId: '', attributes: { 'target.workload_id': 'echo' } },
    ])
    const run = inTrace.find(({ name }) => name === 'core.ExecuteWorkflow')
    expect(run).toMatchObject({ parentSpanId: server?.spanId, kind: 1 })
    expect(run?.attributes).toMatchObject({ 'workflow.name': 'echo_workflow' })
    const steps = inTrace.filter(({ name }) => name === 'core.ExecuteWorkflowStep')
    expect(steps.map(({ attributes }) => attributes['workflow.step.id'])).toEqual(['one', 'two'])
    expect(steps.map(({ parentSpanId }) => parentSpanId)).toEqual([run?.spanId, run?.spanId])
    expect(steps[0]?.attributes).toMatchObject({ 'workflow.step.type': 'tool', tool_name: 'echo.echo' })
    const calls = inTrace.filter(({ name }) => name === 'tools/call echo')
    expect(calls.map(({ parentSpanId }) => parentSpanId)).toEqual(steps.map(({ spanId }) => spanId))
    for (const { headers } of receiver.received) expect(headers).toMatchObject({ 'x-key': 's3cret' })
    const failed = receiver.spans.find(({ name }) => name === 'tools/call failing')
    expect(failed).toMatchObject({ failed: true, attributes: { 'error.type': 'tool_error' } })
    expect(receiver.metric('toolhive_vmcp_workflow_executions').points).toMatchObject([
      { value: 1 },
      { value: 1 },
    ])
    expect(receiver.metric('toolhive_vmcp_workflow_errors').points).toMatchObject([
      { attributes: { 'workflow.name': 'echo_workflow' }, value: 0 },
      { attributes: { 'workflow.name': 'failing' }, value: 1 },
    ])
  })
})

test.each(['modern', 'legacy'] as const)(
  'the optimizer is a span below that of the call (%s)',
  async (era) => {
    const { ready: url } = await stage.hosted('echo', { era: 'both' })
    const receiver = await collector()
    const telemetry = { endpoint: receiver.address, insecure: true, tracingEnabled: true, samplingRate: 1 }
    const gateway = await stage.gateway({
      config: config([{ name: 'echo', url }], { telemetry, optimizer: {} }),
    })
    await call(era, gateway.ready, { name: 'find_tool', arguments: { tool_description: 'echo' } })
    const params = { tool_name: 'echo_echo', parameters: { input: 'x' } }
    await call(era, gateway.ready, { name: 'call_tool', arguments: params })
    await call(era, gateway.ready, { name: 'call_tool', arguments: { ...params, tool_name: 'none' } })
    await gateway.stop()
    const [find, ...finds] = receiver.spans.filter(({ name }) => name === 'optimizer.FindTool')
    const [called, ...calls] = receiver.spans.filter(({ name }) => name === 'optimizer.CallTool')
    expect([finds, calls]).toEqual([[], []])
    const parentOf = (span: typeof find) => receiver.spans.find(({ spanId }) => spanId === span?.parentSpanId)
    expect(parentOf(find)).toMatchObject({ name: 'tools/call find_tool' })
    expect(called?.attributes).toMatchObject({ tool_name: 'echo_echo' })
    expect(parentOf(called)?.kind).toBe(2)
    const backend = receiver.spans.find(({ name }) => name === 'tools/call echo')
    expect(backend?.parentSpanId).toBe(called?.spanId)
  },
)

test('a client on stdin is traced too, and its last call is not lost', async () => {
  const { ready: url } = await stage.hosted('echo', { era: 'both' })
  const receiver = await collector()
  const telemetry = { endpoint: receiver.address, insecure: true, tracingEnabled: true, samplingRate: 1 }
  const file = await stage.file('vmcp.yaml', config([{ name: 'echo', url }], { telemetry }))
  const client = new Client({ name: 'piped', version: '1' })
  const args = [CLI, 'serve', '--config', file, '--stdio']
  await client.connect(new StdioClientTransport({ command: process.execPath, args, stderr: 'ignore' }))
  await client.callTool({ name: 'echo_echo', arguments: { input: 'a' } })
  await client.close()
  const span = await eventually(() => {
    const found = receiver.spans.find(({ name }) => name === 'tools/call echo_echo')
    if (found === undefined) throw new Error(`only ${receiver.spans.map(({ name }) => name)}`)
    return found
  })
  expect(span.attributes).toMatchObject({ 'network.transport': 'pipe', 'mcp.transport': 'stdio' })
})

test('a collector that is not there costs no call, one line of log, and little time at the end', async () => {
  const { ready: url } = await stage.hosted('echo', { era: 'both' })
  const telemetry = {
    endpoint: '127.0.0.1:9',
    insecure: true,
    tracingEnabled: true,
    metricsEnabled: true,
    samplingRate: 1,
  }
  const gateway = await stage.gateway({ config: config([{ name: 'echo', url }], { telemetry }) })
  for (let i = 0; i < 20; i++)
    await call('modern', gateway.ready, { name: 'echo_echo', arguments: { input: 'a' } })
  const began = performance.now()
  await gateway.stop()
  expect(performance.now() - began).toBeLessThan(6_000)
  await expect(gateway.exited).resolves.toBe(0)
  expect(gateway.stderr().match(/traces and metrics could not be sent in time/g)).toHaveLength(1)
})
