import { existsSync } from 'node:fs'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import { ask, callText, eventually } from '../../fixtures/ask.ts'
import { LegacyClient, ModernClient } from '../../fixtures/client.ts'
import { closedAfterEach } from '../../fixtures/closed.ts'
import { config } from '../../fixtures/config.ts'
import { Receiver } from '../../fixtures/otlp/receiver.ts'
import { Stage } from '../../fixtures/stage.ts'
import { type Line, linesIn, linesOf } from '../audit/lines.ts'
import { legacyListener, modernListener, type Served, serveFile } from './served.ts'

// Who looks on, and what the server calls itself, are changed while clients of both eras are connected.

const stage = closedAfterEach(new Stage())
let folder: string
let backends: { name: string; url: string }[]
let served: Served

beforeEach(async () => {
  folder = await stage.folder()
  const [one, slow] = await Promise.all([
    stage.hosted('echo', { era: 'both' }),
    stage.hosted('slow', { era: 'both' }),
  ])
  backends = [
    { name: 'one', url: one.ready },
    { name: 'slow', url: slow.ready },
  ]
})
async function serve(more: object = {}): Promise<void> {
  served = await serveFile(stage, config(backends, more))
}

async function change(more: object): Promise<void> {
  const { generation } = (await served.status()).configuration
  await served.edit(config(backends, more))
  await eventually(async () => expect((await served.status()).configuration.generation).toBe(generation + 1))
}

async function refuses(more: object, why: RegExp): Promise<void> {
  const { generation } = (await served.status()).configuration
  await served.edit(config(backends, more))
  await eventually(async () => expect(await served.refusal()).toMatch(why))
  expect((await served.status()).configuration.generation).toBe(generation)
}

const file = (name: string) => join(folder, name)
const say = (input: string) => callText(served.url, 'one_echo', { input })
const rest = (seconds: number) =>
  ask(served.url, 'tools/call', { name: 'slow_sleep', arguments: { seconds } })
const toolsOf = (lines: readonly Line[]) => lines.map(({ target }) => target['name'])

/** Paths of the files that the server has open. */
async function openFiles(): Promise<string[]> {
  const folderOf = `/proc/${served.gateway.pid}/fd`
  const links = await Promise.all(
    (await readdir(folderOf)).map((fd) => readlink(join(folderOf, fd)).catch(() => '')),
  )
  return links.filter((path) => path.startsWith(folder))
}

describe('an audit log', () => {
  const audit = (name: string, more: object = {}) => ({ audit: { logFile: file(name), ...more } })

  test('begins, moves and ends, and every call is in one of its files', async () => {
    await serve()
    const legacy = await LegacyClient.open(served.url)
    stage.defer(() => legacy.close())
    await legacy.listen()
    const early = rest(1)
    await sleep(200)
    await change(audit('a.log'))
    // What began without one is not in it.
    await early
    await legacy.result('tools/call', { name: 'one_echo', arguments: { input: '1' } })
    await say('2')
    const moving = rest(2)
    await sleep(300)
    await change(audit('b.log', { includeRequestData: true }))
    await eventually(async () => expect(await openFiles()).toEqual([file('b.log')]))
    await say('3')
    await moving
    const ending = rest(2)
    await sleep(300)
    await change({})
    await say('4')
    await ending
    await eventually(async () => expect(await openFiles()).toEqual([]))
    const a = linesOf(await readFile(file('a.log'), 'utf8'))
    const b = linesOf(await readFile(file('b.log'), 'utf8'))
    const calls = (lines: readonly Line[]) => lines.filter(({ type }) => type === 'mcp_tool_call')
    expect(toolsOf(calls(a))).toEqual(['one_echo', 'one_echo'])
    // That which was under way when it moved is told as it was to be told when it began.
    expect(calls(b).map(({ target, data }) => [target['name'], data !== undefined])).toEqual([
      ['one_echo', true],
      ['slow_sleep', false],
      ['slow_sleep', true],
    ])
    expect(served.gateway.stderr()).not.toContain('could not be written')
  })

  test('loses none of many calls while it moves to and fro', async () => {
    await serve(audit('a.log'))
    const clients = [await LegacyClient.open(served.url), new ModernClient(served.url)]
    stage.defer(() => Promise.all(clients.map((it) => it.close())))
    let made = 0
    let over = false
    const calling = clients.map(async (client) => {
      for (; !over; made++) await client.result('tools/call', { name: 'one_echo', arguments: { input: 'x' } })
    })
    for (const name of ['b.log', 'a.log', 'b.log']) {
      await change(audit(name))
      await sleep(200)
    }
    over = true
    await Promise.all(calling)
    await served.gateway.stop()
    const counted = async (name: string) =>
      linesOf(await readFile(file(name), 'utf8')).filter(({ type }) => type === 'mcp_tool_call').length
    expect((await counted('a.log')) + (await counted('b.log'))).toBe(made)
  })

  test('with a file that cannot be opened is refused with all else, and the one before is written on', async () => {
    await serve(audit('a.log'))
    await refuses({ ...audit('none/b.log'), name: 'not-to-be' }, /none.b\.log \(ENOENT\)/)
    await say('still here')
    await linesIn(file('a.log'), 'mcp_tool_call', 1)
    const { result } = (await ask(served.url, 'server/discover')).message
    expect(JSON.stringify(result)).toContain('"name":"test-vmcp"')
    expect(existsSync(file('none'))).toBe(false)
  })

  test('that would go where the protocol goes is refused', async () => {
    const path = await stage.file('vmcp.yaml', config(backends))
    const { Client } = await import('@modelcontextprotocol/sdk/client/index.js')
    const { StdioClientTransport } = await import('@modelcontextprotocol/sdk/client/stdio.js')
    const { CLI } = await import('../../fixtures/stage.ts')
    const { homeOf, replaceFile } = await import('./served.ts')
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [CLI, 'serve', '--config', path, '--stdio'],
      env: { ...process.env, ...(await homeOf(stage)) } as Record<string, string>,
      stderr: 'pipe',
    })
    let said = ''
    transport.stderr?.on('data', (piece: Buffer) => {
      said += piece.toString()
    })
    const client = new Client({ name: 'test', version: '1' })
    await client.connect(transport)
    stage.defer(() => client.close())
    await replaceFile(path, config(backends, { audit: {} }))
    await eventually(() => expect(said).toContain('cannot go to standard output with --stdio'))
    await replaceFile(path, config(backends, { audit: { logFile: file('stdio.log') }, name: 'other' }))
    await eventually(() => expect(said).toContain('another configuration is served'))
    await client.callTool({ name: 'one_echo', arguments: { input: 'x' } })
    await linesIn(file('stdio.log'), 'mcp_tool_call', 1)
  })
})

test('the header that names requests is another from the next request on', async () => {
  const audit = { logFile: file('a.log') }
  await serve({ audit, operational: { requestIdHeader: 'X-One' } })
  const client = new ModernClient(served.url, { headers: { 'x-one': 'first', 'x-two': 'second' } })
  stage.defer(() => client.close())
  const call = { name: 'one_echo', arguments: { input: 'x' } }
  await client.result('tools/call', call)
  await change({ audit, operational: { requestIdHeader: 'X-Two' } })
  await client.result('tools/call', call)
  await change({ audit })
  await client.result('tools/call', call)
  const lines = await linesIn(file('a.log'), 'mcp_tool_call', 3)
  expect(lines.map(({ source }) => source.extra.request_id)).toEqual([
    'first',
    'second',
    expect.stringMatching(/^\w+-\w+$/),
  ])
})

test('the name is another for all that clients are told from then on', async () => {
  await serve()
  const listeners = [await legacyListener(stage, served.url), await modernListener(stage, served.url)]
  for (const listener of listeners) await listener.settled(['one_echo', 'slow_sleep'])
  await change({ name: 'renamed' })
  const discovered = (await ask(served.url, 'server/discover')).message.result
  const listed = (await ask(served.url, 'tools/list')).message.result
  const called = (await ask(served.url, 'tools/call', { name: 'one_echo', arguments: { input: 'x' } }))
    .message
  for (const result of [discovered, listed, called.result])
    expect(result?.['_meta']).toMatchObject({ 'io.modelcontextprotocol/serverInfo': { name: 'renamed' } })
  const legacy = await LegacyClient.open(served.url)
  stage.defer(() => legacy.close())
  expect(legacy.initialized).toMatchObject({ serverInfo: { name: 'renamed' } })
  // Who was there goes on.
  for (const listener of listeners) {
    expect(await listener.tools()).toHaveLength(2)
    expect(listener.heard()).toEqual([])
  }
})

test('rate limits that cannot reach their Redis as they are told are refused, and those before hold', async () => {
  const shared = { maxTokens: 2, refillPeriod: '1h' }
  await serve({ rateLimiting: { shared } })
  await say('1')
  const redis = { address: 'rediss://127.0.0.1:1', caCertPath: '/none/ca.pem' }
  await refuses({ rateLimiting: { shared, redis } }, /cannot read .none.ca\.pem/)
  await say('2')
  await expect(say('3')).rejects.toThrow('rate limit')
})

describe('the level of the log', () => {
  const steps = [{ id: 'one', tool: 'one_echo', arguments: { input: 'x' } }]
  const compositeTools = [{ name: 'run', description: 'Runs.', parameters: { type: 'object' }, steps }]
  const level = (logLevel: string) => ({ operational: { logLevel }, compositeTools })
  /** Each run is worth a line at level debug. */
  const runs = async () => {
    await ask(served.url, 'tools/call', { name: 'run', arguments: {} })
    return served.gateway.stderr().match(/DEBUG.*a composite tool has run/g)?.length ?? 0
  }

  test('is another with the configuration', async () => {
    await serve(level('error'))
    expect(await runs()).toBe(0)
    expect(served.gateway.stderr()).not.toMatch(/ (DEBUG|INFO|WARN)/)
    await change(level('debug'))
    expect(served.gateway.stderr()).toContain('another configuration is served')
    await eventually(async () => expect(await runs()).toBeGreaterThan(0))
    await change({ compositeTools })
    const before = await runs()
    expect(await runs()).toBe(before)
  })

  test('is that of the command line where it says one', async () => {
    served = await serveFile(stage, config(backends, level('debug')), { args: ['--log-level', 'warn'] })
    await change(level('error'))
    await refuses({ aggregaton: {} }, /aggregaton/)
    expect(served.gateway.stderr()).not.toMatch(/ (DEBUG|INFO)/)
    expect(served.gateway.stderr()).toContain('the new configuration is refused')
  })
})

describe('telemetry', () => {
  const PROMETHEUS = { enablePrometheusMetricsPath: true, prometheusPort: 0 }
  const page = () => fetch(new URL('/metrics', served.url))

  /** Of tool calls that went well. */
  async function counted(): Promise<number> {
    const text = await (await page()).text()
    const counts = [...text.matchAll(/^toolhive_mcp_tool_calls_total\{.*\} (\d+)$/gm)].map(([, n]) =>
      Number(n),
    )
    return counts.reduce((sum, n) => sum + n, 0)
  }

  async function open(): Promise<string[]> {
    const text = await (await page()).text()
    return [...text.matchAll(/^toolhive_mcp_active_connections\{(.*)\} (\d+)$/gm)].map(
      ([, labels, n]) => `${/connection_type="(\w+)"/.exec(labels ?? '')?.[1]} ${n}`,
    )
  }

  test('begins, goes on and ends at the page of metrics', async () => {
    await serve()
    const legacy = await LegacyClient.open(served.url)
    stage.defer(() => legacy.close())
    await legacy.listen()
    await say('1')
    expect((await page()).status).toBe(404)
    await change({ telemetry: PROMETHEUS })
    // What was open before is counted too.
    expect(await open()).toEqual(['session 1', 'sse 1'])
    await say('2')
    expect(await counted()).toBe(1)
    const under = rest(1)
    await sleep(200)
    await change({ telemetry: { ...PROMETHEUS, customAttributes: { region: 'north' } } })
    await under
    await say('3')
    expect(await counted()).toBe(3)
    await legacy.end()
    expect(await open()).toEqual(['session 0', 'sse 0'])
    await change({ telemetry: PROMETHEUS, name: 'renamed' })
    expect(await counted()).toBe(3)
    await change({})
    expect((await page()).status).toBe(404)
    expect(await say('4')).toBe('4')
    await change({ telemetry: PROMETHEUS })
    expect(await counted()).toBe(0)
  })

  test('sends traces to where it is told now, those of what was under way too', async () => {
    const [first, second] = [await Receiver.http(), await Receiver.http()]
    stage.defer(() => Promise.all([first.close(), second.close()]))
    const to = ({ address }: Receiver, more: object = {}) => ({
      telemetry: {
        endpoint: address,
        insecure: true,
        protocol: 'http/protobuf',
        tracingEnabled: true,
        samplingRate: 1,
        metricsEnabled: true,
        ...more,
      },
    })
    await serve(to(first))
    await say('1')
    const under = rest(2)
    await sleep(300)
    await change(to(second))
    await say('2')
    await under
    const served_ = (receiver: Receiver) =>
      receiver.spans
        .filter(({ name }) => name.startsWith('tools/call') && name !== 'tools/call')
        .map(({ name }) => name)
    await eventually(
      () =>
        expect(served_(first).sort()).toEqual([
          'tools/call echo',
          'tools/call one_echo',
          'tools/call sleep',
          'tools/call slow_sleep',
        ]),
      20_000,
    )
    await change({})
    await eventually(
      () => expect(served_(second).sort()).toEqual(['tools/call echo', 'tools/call one_echo']),
      20_000,
    )
    await say('3')
    expect(served.gateway.stderr()).not.toContain('could not be sent in time')
  })

  test('with a file that is not there is refused, and what there was goes on', async () => {
    await serve({ telemetry: PROMETHEUS })
    await say('1')
    const endpoint = { endpoint: 'https://127.0.0.1:1', metricsEnabled: true, caCertPath: '/none/ca.pem' }
    await refuses(
      { telemetry: { ...PROMETHEUS, ...endpoint }, audit: { logFile: file('a.log') } },
      /none.ca\.pem/,
    )
    await say('2')
    expect(await counted()).toBe(2)
    await eventually(async () => expect(await openFiles()).toEqual([]))
  })
})
