import { cp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { ElicitRequestSchema, type ElicitResult } from '@modelcontextprotocol/sdk/types.js'
import { beforeAll, describe, expect, test } from 'vitest'
import { eventually, toolNames } from '../fixtures/ask.ts'
import { type Child, startChild } from '../fixtures/child.ts'
import { closedAfterAll } from '../fixtures/closed.ts'
import { ROOT } from '../fixtures/root.ts'
import { CLI, Stage } from '../fixtures/stage.ts'
import { answerOf, run } from './composite.ts'

const stage = closedAfterAll(new Stage())
/** A copy, since the tools write. Inside the repository, so that `npx` finds what is installed there. */
const folder = join(ROOT, `.cache/composite-examples-${process.pid}`)
let gateway: Child
beforeAll(async () => {
  await cp(join(ROOT, 'examples/composite-tools'), folder, { recursive: true })
  stage.defer(() => rm(folder, { recursive: true, force: true }))
  gateway = stage.child(
    await startChild({
      args: [CLI, 'serve', '--config', 'vmcp.yaml', '--port', '0', '--json'],
      cwd: folder,
      ready: (line) => (line.includes('"url"') ? (JSON.parse(line) as { url: string }).url : undefined),
    }),
  )
  await eventually(async () => expect(await toolNames(gateway.ready)).toHaveLength(4), 40_000)
}, 60_000)
const inFolder = (file: string) => readFile(join(folder, file), 'utf8')

test('clients get the composite tools and nothing else', async () => {
  expect(await toolNames(gateway.ready)).toEqual(['deploy', 'documentation', 'repository', 'service'])
})

describe('documentation from three sources', () => {
  test('is fetched from all at the same time, into one report with how each of them did', async () => {
    const { structured, steps } = await run(gateway.ready, 'documentation', { topic: 'backup' })
    expect(structured['report']).toMatch(
      /^# backup\n\n## Guide\nEvery database[\s\S]*## Decision\nWe keep copies[\s\S]*## Inventory\n- vault \(service\): holds every backup, /,
    )
    expect(structured['sources']).toEqual({
      guide: { status: 'completed', milliseconds: expect.any(Number), error: '' },
      decision: { status: 'completed', milliseconds: expect.any(Number), error: '' },
      inventory: { status: 'completed', milliseconds: expect.any(Number), error: '' },
    })
    const { guide, decision, inventory } = steps
    const begun = [guide, decision, inventory].map((step) => Date.parse(step?.startedAt ?? ''))
    expect(Math.max(...begun) - Math.min(...begun)).toBeLessThan(500)
  })

  test('is a report too when one of them has nothing', async () => {
    const { structured, isError, steps } = await run(gateway.ready, 'documentation', { topic: 'shop' })
    expect(isError).toBeUndefined()
    expect(structured['report']).toContain('## Decision\nnothing\n')
    expect(structured['sources']).toMatchObject({
      guide: { status: 'completed' },
      decision: { status: 'failed', error: expect.stringContaining('no such file') },
    })
    expect(steps['decision']).toMatchObject({ status: 'failed', durationMs: expect.any(Number) })
  })
})

test('two calls follow a first one, and need what it gave', async () => {
  const { structured, steps } = await run(gateway.ready, 'service', { name: 'shop' })
  expect(structured).toMatchObject({
    about: ['sells what the warehouse has', 'runs on two machines'],
    team: { name: 'storefront', observations: ['answers on weekdays'] },
    guide: expect.stringContaining('When the shop is down'),
  })
  const end = Date.parse(steps['service']?.startedAt ?? '') + (steps['service']?.durationMs ?? 0)
  // Rounded to milliseconds, both of them.
  for (const id of ['team', 'guide'])
    expect(Date.parse(steps[id]?.startedAt ?? '')).toBeGreaterThanOrEqual(end - 2)
  const none = await run(gateway.ready, 'service', { name: 'nothing' })
  expect(none.isError).toBe(true)
})

test('a repository is looked at without a single argument, and otherwise with some', async () => {
  const { structured } = await run(gateway.ready, 'repository')
  expect(structured).toMatchObject({
    readme: expect.stringContaining('# Greeter'),
    tree: [
      { name: 'README.md', type: 'file' },
      { name: 'src', children: [{ name: 'greet.js' }, { name: 'greet.test.js' }] },
    ],
    files: expect.stringMatching(
      /\*\*\/\*\.js:\n.*greet\.js\n.*greet\.test\.js\n\*\*\/\*\.test\.js:\n.*greet\.test\.js\n/,
    ),
  })
  const other = await run(gateway.ready, 'repository', {
    folder: 'guides',
    lines: 1,
    patterns: ['*.md'],
    readme: 'shop.md',
  })
  expect(other.structured).toMatchObject({
    readme: 'When the shop is down:',
    tree: [{ name: 'backup.md' }, { name: 'shop.md' }],
  })
})

describe('a deployment', () => {
  async function deploy(args: Record<string, unknown>, answer: ElicitResult) {
    const heard: string[] = []
    const client = new Client({ name: 'deployer', version: '1' }, { capabilities: { elicitation: {} } })
    client.setRequestHandler(ElicitRequestSchema, ({ params: { message } }) => {
      heard.push(message)
      return answer
    })
    await client.connect(new StreamableHTTPClientTransport(new URL(gateway.ready)) as Transport)
    try {
      return { ...answerOf(await client.callTool({ name: 'deploy', arguments: args })), heard }
    } finally {
      await client.close()
    }
  }
  const YES = { action: 'accept', content: { reason: 'it is time' } } as const

  test('to staging is asked of nobody', async () => {
    const { structured, heard } = await deploy({ version: '1.4' }, YES)
    expect(structured).toEqual({ deployed: true, environment: 'staging', reason: 'staging needs no reason' })
    expect(heard).toEqual([])
    expect(await inFolder('environments/staging.txt')).toBe('1.4\n')
  })

  test('to production waits for a yes, and does nothing on a no', async () => {
    const production = { version: '1.4', environment: 'production' }
    const refused = await deploy(production, { action: 'decline' })
    expect(refused.structured).toEqual({
      deployed: false,
      environment: 'production',
      reason: 'it was not approved',
    })
    expect(await inFolder('environments/production.txt')).toBe('1.3\n')

    const { structured, heard } = await deploy(production, YES)
    expect(heard).toEqual(['Put 1.4 into production?\n\nOrders can be cancelled until they are packed.\n'])
    expect(structured).toEqual({ deployed: true, environment: 'production', reason: 'it is time' })
    expect(await inFolder('environments/production.txt')).toBe('1.4\n')
    expect(await inFolder('inventory.jsonl')).toContain('"name":"1.4 in production"')
  })

  test('of a release that there is not fails before anybody is asked', async () => {
    const { isError, text, heard } = await deploy({ version: '9.9', environment: 'production' }, YES)
    expect(isError).toBe(true)
    expect(text).toContain("step 'notes'")
    expect(heard).toEqual([])
  })
})
