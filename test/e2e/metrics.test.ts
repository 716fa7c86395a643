import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import parsePrometheusTextFormat from 'parse-prometheus-text-format'
import { request } from 'undici'
import { beforeAll, describe, expect, test } from 'vitest'
import { ask, eventually } from '../fixtures/ask.ts'
import { LegacyClient } from '../fixtures/client.ts'
import { closedAfterAll } from '../fixtures/closed.ts'
import { config } from '../fixtures/config.ts'
import type { Json } from '../fixtures/fixture.ts'
import { ROOT } from '../fixtures/root.ts'
import { Stage } from '../fixtures/stage.ts'
import { echo, tool } from './composite.ts'

const stage = closedAfterAll(new Stage())
let families: ReturnType<typeof parsePrometheusTextFormat>
let names: string[]

/** A gateway to which everything happens that is counted. */
beforeAll(async () => {
  const [first, second] = await Promise.all(['one', 'two'].map(() => stage.hosted('echo', { era: 'legacy' })))
  const failureHandling = { circuitBreaker: { enabled: true, failureThreshold: 1, timeout: '60s' } }
  const gateway = await stage.gateway({
    config: config(
      [
        { name: 'echo', url: first?.ready ?? '' },
        { name: 'gone', url: second?.ready ?? '' },
      ],
      {
        compositeTools: [tool('twice', [echo('a', 'x'), echo('b', 'y')])],
        operational: { failureHandling },
        optimizer: {},
        rateLimiting: { shared: { maxTokens: 1000, refillPeriod: '1m' } },
        telemetry: { enablePrometheusMetricsPath: true, prometheusPort: 0 },
      },
    ),
  })
  const url = gateway.ready
  await ask(url, 'tools/call', { name: 'twice', arguments: {} })
  await ask(url, 'tools/call', { name: 'find_tool', arguments: { tool_description: 'echo' } })
  await ask(url, 'tools/call', { name: 'find_tool', arguments: {} })
  for (const tool_name of ['twice', 'gone_echo', 'none'])
    await ask(url, 'tools/call', { name: 'call_tool', arguments: { tool_name, parameters: {} } })
  const client = await LegacyClient.open(url)
  await client.request('tools/list')
  await client.request('resources/read', { uri: 'no://thing' })
  await client.request('no/such/method')
  await client.end()
  const open = await LegacyClient.open(url)
  await open.listen()
  await second?.stop()
  await ask(url, 'tools/call', { name: 'gone_echo', arguments: { input: 'a' } })
  const port = Number(new URL(second?.ready ?? '').port)
  await stage.hosted('echo', { era: 'modern', port })
  const scrape = async () => (await request(new URL('/metrics', url))).body.text()
  const text = await eventually(async () => {
    const now = await scrape()
    if (!now.includes('toolhive_vmcp_backend_revision_reclassifications_total{')) throw new Error(now)
    return now
  }, 30_000)
  // This parser does not take histograms that have no label of their own.
  const labelled = text.replaceAll('_bucket{le=', '_bucket{none="",le=')
  families = parsePrometheusTextFormat(labelled.replaceAll(/^(\w+_(?:count|sum)) /gm, '$1{none=""} '))
  names = families.map(({ name }) => name).filter((name) => name !== 'target_info')
  await Promise.all([client.close(), open.close()])
}, 60_000)

const samplesOf = (name: string) => families.find((family) => family.name === name)?.metrics ?? []

describe('what is counted', () => {
  test('is what the documentation lists, no more and no less', async () => {
    const page = await readFile(join(ROOT, 'docs/telemetry.md'), 'utf8')
    const rows = page.slice(page.indexOf('## Metrics')).match(/^\| `.*?\|/gm) ?? []
    const listed = rows.flatMap((row) => [...row.matchAll(/`(\w+)`/g)].map(([, name]) => name))
    expect(listed.sort()).toEqual([...names].sort())
  })

  test('is everything that the dashboard shows', async () => {
    const text = await readFile(join(ROOT, 'deploy/grafana/vmcp.json'), 'utf8')
    const { panels, templating } = JSON.parse(text) as { panels: Json[]; templating: { list: Json[] } }
    const queries = [
      ...panels.flatMap(({ targets = [] }) => (targets as { expr: string }[]).map(({ expr }) => expr)),
      ...templating.list.flatMap(({ definition }) => (typeof definition === 'string' ? [definition] : [])),
    ]
    expect(queries.length).toBeGreaterThanOrEqual(40)
    const shown = queries.flatMap((query) => {
      const found = query.match(/\w+(?=\{)|(?<=label_values\()\w+/g) ?? [undefined]
      return found.map((name) => [query, name] as const)
    })
    const series = new Set(names.flatMap((it) => [it, `${it}_bucket`, `${it}_count`, `${it}_sum`]))
    expect(shown.filter(([, name]) => name === undefined || !series.has(name))).toEqual([])
    const ids = panels.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const optimizer = [...names].filter((it) => it.startsWith('toolhive_vmcp_optimizer_'))
    expect(optimizer.filter((it) => !text.includes(it))).toEqual([])
  })

  test('tells which backend fails, and how', () => {
    const one = (name: string) =>
      samplesOf(name)
        .filter(({ value }) => value === '1')
        .map(({ labels }) => labels)
    expect(one('toolhive_vmcp_backend_errors_total')).toMatchObject([{ target_workload_name: 'gone' }])
    expect(one('toolhive_vmcp_backend_revision_reclassifications_total')).toEqual([
      { target_workload_name: 'gone', from: 'legacy', to: 'modern' },
    ])
    expect(one('toolhive_vmcp_backend_health')).toContainEqual({
      ...{ target_workload_name: 'echo', status: 'healthy' },
    })
    expect(one('toolhive_vmcp_backend_circuit_state')).toContainEqual({
      ...{ target_workload_name: 'echo', state: 'closed' },
    })
  })

  test('tells what the optimizer finds and calls', () => {
    const value = (name: string) => samplesOf(`toolhive_vmcp_optimizer_${name}`)[0]
    expect(value('find_tool_requests_total')).toMatchObject({ value: '2' })
    expect(value('find_tool_errors_total')).toMatchObject({ value: '1' })
    expect(value('find_tool_duration_seconds')).toMatchObject({ buckets: { '+Inf': '2' } })
    expect(value('find_tool_results')).toMatchObject({ buckets: { '1': '0', '2': '1', '+Inf': '1' } })
    expect(value('token_savings_percent')).toMatchObject({ buckets: { '+Inf': '1' } })
    expect(value('call_tool_requests_total')).toMatchObject({ value: '3' })
    expect(value('call_tool_errors_total')).toMatchObject({ value: '1' })
    expect(value('call_tool_not_found_total')).toMatchObject({ value: '1' })
    expect(value('call_tool_duration_seconds')).toMatchObject({ buckets: { '+Inf': '3' } })
  })

  test('has no label for what clients made up', () => {
    const methods = samplesOf('toolhive_mcp_requests_total').map(({ labels }) => labels?.['mcp_method'])
    expect(methods).toContain('_OTHER')
    expect(methods).not.toContain('no/such/method')
    const targets = samplesOf('toolhive_mcp_requests_total').map(({ labels }) => labels?.['mcp_resource_id'])
    expect(new Set(targets)).toEqual(new Set([undefined, 'twice', 'gone_echo', 'find_tool', 'call_tool']))
  })

  test('tells what clients have open', () => {
    expect(samplesOf('toolhive_mcp_active_connections')).toEqual([
      { value: '1', labels: { server: 'test-vmcp', connection_type: 'session' } },
      { value: '1', labels: { server: 'test-vmcp', connection_type: 'sse' } },
    ])
  })
})
