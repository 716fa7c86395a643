import { readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { ask, eventually } from '../../fixtures/ask.ts'
import { LegacyClient, ModernClient } from '../../fixtures/client.ts'
import { closedAfterAll } from '../../fixtures/closed.ts'
import { config } from '../../fixtures/config.ts'
import type { Json } from '../../fixtures/fixture.ts'
import { type Child, Stage } from '../../fixtures/stage.ts'
import { echo, tool } from '../composite.ts'
import { type Line, linesIn, linesOf } from './lines.ts'

const stage = closedAfterAll(new Stage())
let backends: { name: string; url: string }[]

beforeAll(async () => {
  const [one, two] = await Promise.all([
    stage.hosted('echo', { era: 'both' }),
    stage.hosted('flaky', { era: 'both' }),
  ])
  backends = [
    { name: 'echo', url: one.ready },
    { name: 'flaky', url: two.ready },
  ]
})
/** A gateway that writes its audit log to `file`. */
async function audited(audit: Json = {}, more: Json = {}): Promise<{ gateway: Child; file: string }> {
  const file = join(await stage.folder(), 'audit.log')
  const gateway = await stage.gateway({
    config: config(backends, { audit: { logFile: file, ...audit }, ...more }),
  })
  return { gateway, file }
}

const hello = { name: 'echo_echo', arguments: { input: 'hello' } }

describe.each(['legacy', 'modern'] as const)('a call by a %s client', (era) => {
  async function client(url: string): Promise<LegacyClient | ModernClient> {
    const opened = era === 'legacy' ? await LegacyClient.open(url) : new ModernClient(url)
    stage.defer(() => opened.close())
    return opened
  }

  test('is one line, which tells who called what with what outcome, and no payload', async () => {
    const { gateway, file } = await audited()
    const caller = await client(gateway.ready)
    await caller.result('tools/call', hello)
    const [line] = await linesIn(file, 'mcp_tool_call', 1)
    expect(line).toEqual({
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      level: 'AUDIT',
      msg: 'audit_event',
      audit_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      type: 'mcp_tool_call',
      logged_at: expect.any(String),
      outcome: 'success',
      component: 'vmcp-server',
      source: { type: 'network', value: '127.0.0.1', extra: { request_id: expect.stringMatching(/^\S+$/) } },
      subjects: {
        user: 'Anonymous User',
        user_id: 'anonymous',
        client_name: `raw-${era}`,
        client_version: '1',
      },
      target: { endpoint: '/mcp', method: 'tools/call', type: 'tool', name: 'echo_echo' },
      metadata: {
        extra: {
          duration_ms: expect.any(Number),
          // A reply that takes long, as on a busy machine, begins as a stream.
          transport: expect.stringMatching(/^(http|sse)$/),
          response_size: expect.any(Number),
          backend_name: 'echo',
        },
      },
    })
    expect(await readFile(file, 'utf8')).not.toContain('hello')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
  })

  test('that a rate limit refuses is denied', async () => {
    const shared = { maxTokens: 1, refillPeriod: '10m' }
    const { gateway, file } = await audited({}, { rateLimiting: { shared } })
    const caller = await client(gateway.ready)
    for (let calls = 0; calls < 2; calls++) await caller.request('tools/call', hello)
    const lines = await linesIn(file, 'mcp_tool_call', 2)
    expect(lines.map(({ outcome }) => outcome)).toEqual(['success', 'denied'])
  })

  test('that fails says how', async () => {
    const { gateway, file } = await audited()
    const caller = await client(gateway.ready)
    await caller.request('tools/call', { name: 'flaky_flaky', arguments: { n: 1e6 } })
    await caller.request('tools/call', { name: 'nothing', arguments: {} })
    const lines = await linesIn(file, 'mcp_tool_call', 2)
    expect(lines).toMatchObject([
      { outcome: 'application_error', metadata: { extra: { backend_name: 'flaky' } } },
      {
        outcome: 'failure',
        target: { name: 'nothing' },
        metadata: {
          extra: {
            jsonrpc_error_code: -32602,
            jsonrpc_error_message: expect.stringContaining("tool 'nothing' not found"),
          },
        },
      },
    ])
  })
})

test('every kind of request has its type, and probes have none', async () => {
  const { gateway, file } = await audited()
  const caller = await LegacyClient.open(gateway.ready)
  stage.defer(() => caller.close())
  for (const method of ['ping', 'tools/list', 'prompts/list', 'resources/list']) await caller.request(method)
  await caller.request('logging/setLevel', { level: 'info' })
  await caller.listen()
  await caller.notify('notifications/roots/list_changed')
  await caller.raw.send({ method: 'GET', path: '/health' })
  await caller.raw.send({ body: '{' })
  await caller.end()
  await linesIn(file, 'http_request', 2)
  const types = linesOf(await readFile(file, 'utf8')).map(({ type, outcome }) => `${type} ${outcome}`)
  expect(types.toSorted()).toEqual(
    [
      'mcp_initialize success',
      'mcp_notification success',
      'mcp_ping success',
      'mcp_tools_list success',
      'mcp_prompts_list success',
      'mcp_resources_list success',
      'mcp_logging success',
      'sse_connection success',
      'mcp_roots_list_changed success',
      'http_request failure',
      'http_request success',
    ].toSorted(),
  )
})

test('what is excluded is not written, though it is included', async () => {
  const { gateway, file } = await audited({
    eventTypes: ['mcp_tool_call', 'mcp_tools_list'],
    excludeEventTypes: ['mcp_tool_call'],
  })
  await ask(gateway.ready, 'tools/call', hello)
  await ask(gateway.ready, 'tools/list')
  await ask(gateway.ready, 'prompts/list')
  await linesIn(file, 'mcp_tools_list', 1)
  expect(linesOf(await readFile(file, 'utf8'))).toHaveLength(1)
})

test('payloads are written when they are wanted, without secrets, and cut where they are too large', async () => {
  const payloads = { includeRequestData: true, includeResponseData: true }
  const { gateway, file } = await audited({ ...payloads, maxDataSize: 600, redact: ['/arguments/input'] })
  const secret = { name: 'echo_echo', arguments: { input: 'pin 1234', password: 'hunter2' } }
  await ask(gateway.ready, 'tools/call', secret)
  await ask(gateway.ready, 'tools/call', { ...hello, filler: 'x'.repeat(5000) })
  const [one, two] = await linesIn(file, 'mcp_tool_call', 2)
  expect(one?.data?.request).toMatchObject({
    name: 'echo_echo',
    arguments: { input: '[redacted]', password: '[redacted]' },
  })
  expect(one?.data?.response).toMatchObject({ content: [{ type: 'text', text: 'pin 1234' }] })
  expect(two?.data?.request).toMatchObject({ truncated: true, bytes: expect.any(Number) })
  const { bytes } = (two?.data?.request ?? {}) as { bytes?: number }
  expect(bytes).toBeGreaterThan(5000)
  expect(await readFile(file, 'utf8')).not.toContain('hunter2')
})

test('a client is known by what trusted proxies say of it, and not by what it says itself', async () => {
  const address = async (audit: Json) => {
    const { gateway, file } = await audited(audit)
    const caller = new ModernClient(gateway.ready, { headers: { 'x-forwarded-for': '203.0.113.7' } })
    stage.defer(() => caller.close())
    await caller.request('tools/call', hello)
    return (await linesIn(file, 'mcp_tool_call', 1))[0]?.source.value
  }
  expect(await address({})).toBe('127.0.0.1')
  expect(await address({ trustedProxies: ['127.0.0.0/8'] })).toBe('203.0.113.7')
})

test('the runs of composite tools are told step by step, under the name of the request', async () => {
  const composite = tool('twice', [echo('one', '1'), echo('two', '2', { dependsOn: ['one'] })])
  const operational = { requestIdHeader: 'X-Request-Id' }
  const { gateway, file } = await audited({}, { compositeTools: [composite], operational })
  const caller = new ModernClient(gateway.ready, { headers: { 'x-request-id': 'ours-7' } })
  stage.defer(() => caller.close())
  await caller.result('tools/call', { name: 'twice', arguments: {} })
  await linesIn(file, 'mcp_tool_call', 1)
  const lines = linesOf(await readFile(file, 'utf8'))
  expect(lines.map(({ type, target }) => [type, target['step_id']])).toEqual([
    ['vmcp_workflow_started', undefined],
    ['vmcp_workflow_step_started', 'one'],
    ['vmcp_workflow_step_completed', 'one'],
    ['vmcp_workflow_step_started', 'two'],
    ['vmcp_workflow_step_completed', 'two'],
    ['vmcp_workflow_completed', undefined],
    ['mcp_tool_call', undefined],
  ])
  expect(lines[1]).toMatchObject({
    component: 'vmcp-composer',
    subjects: { client_name: 'raw-modern' },
    target: { workflow_name: 'twice', step_type: 'tool', tool_name: 'echo.echo' },
  })
  expect(lines.every((line: Line) => line.source.extra.request_id === 'ours-7')).toBe(true)
})

test('without a file the lines go to standard output, and none is lost at the end', async () => {
  const gateway = await stage.gateway({ config: config(backends), args: ['--enable-audit'] })
  const succeeds = () =>
    ask(gateway.ready, 'tools/call', hello).then(
      ({ message }) => message.result !== undefined,
      () => false,
    )
  await Promise.all(Array.from({ length: 100 }, succeeds))
  const calls = Array.from({ length: 100 }, succeeds)
  await Promise.race(calls)
  await gateway.stop('SIGTERM')
  const answered = (await Promise.all(calls)).filter(Boolean).length
  const lines = linesOf(gateway.stdout()).filter(({ type }) => type === 'mcp_tool_call')
  expect(lines.filter(({ outcome }) => outcome === 'success').length).toBeGreaterThanOrEqual(100 + answered)
  expect(answered).toBeGreaterThan(0)
})

test('a file that is moved away is followed by a new one, at once where SIGUSR2 says so', async () => {
  const { gateway, file } = await audited()
  await ask(gateway.ready, 'tools/call', hello)
  await linesIn(file, 'mcp_tool_call', 1)
  await rename(file, `${file}.1`)
  gateway.process.kill('SIGUSR2')
  await eventually(() => stat(file))
  await ask(gateway.ready, 'tools/call', hello)
  await linesIn(file, 'mcp_tool_call', 1)
  expect(linesOf(await readFile(`${file}.1`, 'utf8'))).toHaveLength(1)
})

test('a full disk stops no call, and /status tells of it', async () => {
  const gateway = await stage.gateway({ config: config(backends, { audit: { logFile: '/dev/full' } }) })
  const reply = await ask(gateway.ready, 'tools/call', hello)
  expect(reply.message.result).toBeDefined()
  await eventually(async () => {
    const status = await fetch(new URL('/status', gateway.ready))
    expect(await status.json()).toMatchObject({ audit: { failing: 'ENOSPC', dropped: 0 } })
  })
  await ask(gateway.ready, 'tools/call', hello)
  expect(gateway.stderr().match(/the audit log cannot be written/g)).toHaveLength(1)
})
