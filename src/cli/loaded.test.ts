import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { closedAfterEach } from '../../test/fixtures/closed.ts'
import { config } from '../../test/fixtures/config.ts'
import { type GatewayStart, Stage } from '../../test/fixtures/stage.ts'

// Each test starts several processes.
vi.setConfig({ testTimeout: 30_000 })

const stage = closedAfterEach(new Stage())

/** What the gateway has loaded by the time it ends: Node writes down every file that ran. */
async function loadedBy(start: GatewayStart): Promise<string> {
  const folder = await stage.folder()
  const gateway = await stage.gateway({ ...start, env: { NODE_V8_COVERAGE: folder } })
  await gateway.stop()
  const files = await readdir(folder)
  const reports = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')))
  return reports
    .flatMap((report) => (JSON.parse(report) as { result: { url: string }[] }).result)
    .map(({ url }) => url)
    .join('\n')
}

/** Whether a file of ours that was loaded has this text in it. */
async function mentions(loaded: string, text: string): Promise<boolean> {
  const files = loaded.split('\n').filter((url) => url.includes('/dist/'))
  const texts = await Promise.all(files.map((url) => readFile(new URL(url), 'utf8')))
  return texts.some((it) => it.includes(text))
}

async function backend() {
  const { ready: url } = await stage.hosted('echo', { era: 'legacy' })
  return { name: 'one', url }
}

const COMPOSITE = {
  name: 'twice',
  description: 'Calls one tool.',
  parameters: { type: 'object', properties: { text: { type: 'string' } } },
  steps: [{ id: 'first', tool: 'one_echo', arguments: { input: '{{.params.text}}' } }],
}

test('a configuration without policies, composite tools and a group is served without loading what is for them', async () => {
  const loaded = await loadedBy({ config: config([await backend()]) })
  expect(loaded).toMatch('/node_modules/undici/')
  expect(loaded).not.toMatch('/node_modules/undici/index.js')
  expect(loaded).toMatch('/dist/npm-zod-')
  expect(loaded).toMatch('/dist/npm-yaml-')
  expect(loaded).not.toMatch('/node_modules/@cedar-policy/')
  expect(loaded).not.toMatch('/node_modules/ajv/')
  expect(loaded).not.toMatch('/node_modules/stemmer/')
  expect(loaded).not.toMatch('/node_modules/jsonc-parser/')
  expect(loaded).not.toMatch('/dist/discovery-')
  expect(loaded).not.toMatch('/node_modules/@opentelemetry/')
  expect(loaded).not.toMatch('/node_modules/jose/')
  expect(loaded).not.toMatch('/node_modules/oauth4webapi/')
  expect(loaded).not.toMatch('/node_modules/@bufbuild/')
  expect(loaded).not.toMatch('/node_modules/@rgrove/')
  expect(loaded).not.toMatch('/node_modules/@redis/')
  expect(await mentions(loaded, 'audit_event')).toBe(false)
})

test('the optimizer loads its search when the first client lists, and not before', async () => {
  const optimized = config([await backend()], { optimizer: {} })
  expect(await loadedBy({ config: optimized })).not.toMatch('/node_modules/stemmer/')
})

test('composite tools load what checks their arguments', async () => {
  const composed = config([await backend()], { compositeTools: [COMPOSITE] })
  expect(await loadedBy({ config: composed })).toMatch('/node_modules/ajv/')
})

test('runs load what keeps them where they are kept, and what talks to Redis where they are in Redis', async () => {
  const question = { id: 'ask', type: 'elicitation', message: 'So?', schema: { type: 'object' } }
  const compositeTools = [{ ...COMPOSITE, steps: [question, ...COMPOSITE.steps] }]
  const it = await backend()
  const folder = join(await stage.folder(), 'runs')
  const loaded = (store?: object) => {
    const workflowRuns = store && { store, keyFile: join(folder, 'key') }
    return loadedBy({ config: config([it], { compositeTools, ...(workflowRuns && { workflowRuns }) }) })
  }
  expect(await mentions(await loaded(), 'vmcp owner of a run')).toBe(false)
  const inFiles = await loaded({ type: 'file', path: folder })
  expect(await mentions(inFiles, 'vmcp owner of a run')).toBe(true)
  expect(inFiles).not.toMatch('/node_modules/@redis/')
  expect(await loaded({ type: 'redis', address: '127.0.0.1:9' })).toMatch('/node_modules/@redis/')
})

test('an audit log is loaded where it is wanted', async () => {
  const audit = { logFile: join(await stage.folder(), 'audit.log') }
  const loaded = await loadedBy({ config: config([await backend()], { audit }) })
  expect(await mentions(loaded, 'audit_event')).toBe(true)
})

test('limits load what talks to Redis only where they are in Redis', async () => {
  const shared = { maxTokens: 1, refillPeriod: '1s' }
  const loaded = (more: object) =>
    backend().then((it) => loadedBy({ config: config([it], { rateLimiting: { shared, ...more } }) }))
  expect(await loaded({})).not.toMatch('/node_modules/@redis/')
  expect(await loaded({ redis: { address: '127.0.0.1:9' } })).toMatch('/node_modules/@redis/')
})

test('metrics for Prometheus load nothing of OTLP', async () => {
  const telemetry = { enablePrometheusMetricsPath: true, prometheusPort: 0 }
  const loaded = await loadedBy({ config: config([await backend()], { telemetry }) })
  expect(loaded).toMatch('/node_modules/@opentelemetry/exporter-prometheus/')
  expect(loaded).not.toMatch('/node_modules/@opentelemetry/exporter-trace')
  expect(loaded).not.toMatch('/node_modules/@grpc/')
})

test('the file of an editor is served without loading what reads configurations', async () => {
  const { url } = await backend()
  const file = await stage.file('mcp.json', { mcpServers: { one: { url } } })
  const loaded = await loadedBy({ args: ['--from', file] })
  expect(loaded).toMatch('/dist/discovery-')
  expect(loaded).not.toMatch('/dist/npm-zod-')
  expect(loaded).not.toMatch('/dist/npm-yaml-')
})
