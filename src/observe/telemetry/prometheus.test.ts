import parsePrometheusTextFormat from 'parse-prometheus-text-format'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { silent } from '../../core/log.ts'
import type { Meter } from '../../core/meter.ts'
import { type Outlets, openOutlets } from './outlets.ts'

let telemetry: Outlets
let meter: Meter

beforeEach(async () => {
  telemetry = await openOutlets(
    {
      serviceName: 'gate',
      serviceVersion: '9',
      otlp: undefined,
      traces: undefined,
      metrics: false,
      prometheus: { onTransportPort: true, port: 0 },
      attributes: { region: 'north' },
      environment: {},
      legacyAttributes: true,
    },
    { log: silent, version: '1.2.3' },
  )
  if (telemetry.meter === undefined) throw new Error('no meter')
  meter = telemetry.meter
})

afterEach(() => telemetry.close())

async function scraped(name: string) {
  const families = parsePrometheusTextFormat((await telemetry.scrape?.()) ?? '')
  return families.find((family) => family.name === name)
}

const about = (name: string) => ({ name, description: 'What it is.' })

describe('metrics for Prometheus', () => {
  test('are counts with _total, and labels without dots', async () => {
    const series = meter.counter(about('calls'))
    series({ 'workflow.name': 'a "b"\n\\' })(2)
    series({ 'workflow.name': 'a "b"\n\\' })(3)
    series({ 'workflow.name': 'c' })(1)
    expect(await scraped('calls_total')).toEqual({
      name: 'calls_total',
      help: 'What it is.',
      type: 'COUNTER',
      metrics: [
        { value: '5', labels: { workflow_name: 'a "b"\n\\' } },
        { value: '1', labels: { workflow_name: 'c' } },
      ],
    })
  })

  test('are times in seconds, in buckets', async () => {
    const took = meter.timing(about('took'))({ tool: 'x' })
    for (const seconds of [0.0005, 0.001, 0.5, 1000]) took(seconds)
    const family = await scraped('took_seconds')
    expect(family).toMatchObject({ type: 'HISTOGRAM' })
    expect(await telemetry.scrape?.()).toContain(
      'took_seconds_count{tool="x"} 4\ntook_seconds_sum{tool="x"} 1000.5015\n',
    )
    const [{ buckets } = {}] = family?.metrics ?? []
    expect(buckets).toMatchObject({ '0.001': '2', '0.002': '2', '0.5': '3', '300': '3', '+Inf': '4' })
  })

  test('are read when they are asked for, as far as there are any', async () => {
    let open = 1
    meter.gauge(about('open'), () => [{ value: open, attributes: {} }])
    meter.total(about('late'), () => (open > 1 ? [{ value: open, attributes: { a: true } }] : []))
    expect(await scraped('open')).toMatchObject({ type: 'GAUGE', metrics: [{ value: '1' }] })
    expect(await scraped('late_total')).toBeUndefined()
    open = 2
    expect(await scraped('open')).toMatchObject({ metrics: [{ value: '2' }] })
    expect(await scraped('late_total')).toMatchObject({ metrics: [{ value: '2', labels: { a: 'true' } }] })
  })

  test('tell what service they are of', async () => {
    const labels = { service_name: 'gate', service_version: '9', region: 'north' }
    expect(await scraped('target_info')).toMatchObject({ metrics: [{ labels }] })
  })

  test('of one name are one metric, and of a series without end the rest is one', async () => {
    for (let i = 0; i < 3_000; i++) meter.counter(about('many'))({ i })(1)
    const family = await scraped('many_total')
    expect(family?.metrics).toHaveLength(2_001)
    expect(family?.metrics?.at(-1)).toEqual({ value: '1000', labels: { otel_metric_overflow: 'true' } })
  })
})
