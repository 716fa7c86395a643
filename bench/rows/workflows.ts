import { createExpander } from '../../src/engines/template/index.ts'
import { ModernClient } from '../../test/fixtures/client.ts'
import { type Bench, type Figure, median, type Row } from '../bench.ts'
import { echoParams, fire, modernShot } from '../load.ts'
import { cpuNanos, rssBytes } from '../process.ts'
import { collectable, heldBytes } from '../sessions.ts'
import { untilListed } from './ready.ts'

const STEPS = 20

interface Shape {
  readonly name: string
  readonly dependsOn: (step: number) => readonly string[]
}

const SHAPES: readonly Shape[] = [
  { name: 'chain', dependsOn: (at) => (at === 0 ? [] : [`s${at - 1}`]) },
  { name: 'fan', dependsOn: () => [] },
]

/** What a workflow costs over backends that answer at once, beyond what as many direct calls do. */
export const workflowCost: Row = {
  name: 'workflow',
  async run(bench: Bench): Promise<Figure[]> {
    const { ready: url } = await bench.server('wire:echo', { era: 'modern', id: 'b' })
    const blocks = { compositeTools: SHAPES.map(workflowOf) }
    const gateway = await bench.over([{ name: 'b', url }], { blocks })
    await untilListed(gateway.ready, 1 + SHAPES.length)
    const load = (name: string, count: number) => ({
      url: gateway.ready,
      shots: [modernShot('tools/call', echoParams(name))],
      count,
    })
    const { pid } = gateway
    const rounds = await bench.compare([
      { name: 'call', pid, load: load('b_echo', 5000) },
      ...SHAPES.map(({ name }) => ({ name, pid, load: load(name, 400) })),
    ])
    const calls = rounds['call'] ?? []
    return SHAPES.map(({ name }) => {
      const ratios = (rounds[name] ?? []).map((cpu, round) => cpu / STEPS / (calls[round] as number))
      const each = median(rounds[name] ?? []) / STEPS
      return {
        what: `a workflow of ${STEPS} steps (${name}), to ${STEPS} direct calls`,
        measured: median(ratios),
        limit: 1.5,
        unit: '×',
        detail: `${each.toFixed(1)} µs a step, call ${median(calls).toFixed(1)} µs`,
      }
    })
  },
}

function workflowOf({ name, dependsOn }: Shape): object {
  const steps = Array.from({ length: STEPS }, (_, at) => {
    const [before] = dependsOn(at)
    const input =
      before === undefined ? '{{ .params.input }}' : `{{ .params.input }} ${at} {{ .steps.${before}.status }}`
    return { id: `s${at}`, tool: 'b.echo', dependsOn: dependsOn(at), arguments: { input } }
  })
  const parameters = { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] }
  return { name, description: `${STEPS} steps`, parameters, steps }
}

const sleeping = (seconds: number, id: string) => ({ id, tool: 'slow.sleep', arguments: { seconds } })

/** How long three steps take that wait for nothing but their backend. */
export const workflowParallel: Row = {
  name: 'workflow-parallel',
  async run(bench: Bench): Promise<Figure[]> {
    const { ready: url } = await bench.server('slow', { era: 'modern' })
    const steps = ['a', 'b', 'c'].map((id) => sleeping(0.1, id))
    const blocks = { compositeTools: [{ name: 'three', description: 'Three at once', steps }] }
    const gateway = await bench.over([{ name: 'slow', url }], { blocks })
    await untilListed(gateway.ready, 2)
    const client = new ModernClient(gateway.ready)
    const times: number[] = []
    for (let i = 0; i < WARM + bench.options.rounds * 5; i++) {
      const started = performance.now()
      await client.result('tools/call', { name: 'three', arguments: {} })
      if (i >= WARM) times.push(performance.now() - started)
    }
    const [least, most] = [Math.min(...times), Math.max(...times)]
    return [
      {
        what: 'three steps of 100 ms that do not wait for each other',
        measured: median(times),
        limit: 120,
        unit: 'ms',
        detail: `${times.length} runs, ${least.toFixed(0)}–${most.toFixed(0)} ms`,
      },
    ]
  },
}

const WARM = 5
const RUNS = 1000
const MB = 1024 * 1024

const WAVES = 3

/** What runs that are under way hold, and what is left of them. */
export const workflowMemory: Row = {
  name: 'workflow-memory',
  async run(bench: Bench): Promise<Figure[]> {
    const backend = { name: 'slow', url: (await bench.server('slow', { era: 'modern' })).ready }
    const steps = [sleeping(4, 'a'), sleeping(4, 'b'), { ...sleeping(0, 'c'), dependsOn: ['a', 'b'] }]
    const blocks = { compositeTools: [{ name: 'slowly', description: 'Takes its time', steps }] }
    const gateway = await collectable(bench, [backend], [], blocks)
    const shots = [modernShot('tools/call', SLOWLY)]
    const load = { url: gateway.ready, shots, count: RUNS, inFlight: RUNS, deadlineMs: 120_000 }
    await fire({ ...load, count: 100, inFlight: 100 })
    const before = await heldBytes(gateway)
    const waves: { peak: number; after: number }[] = []
    for (let wave = 0; wave < WAVES; wave++) {
      const peak = await peakDuring(gateway.pid, () => fire(load))
      waves.push({ peak, after: await heldBytes(gateway) })
    }
    const peak = Math.max(...waves.map((wave) => wave.peak))
    const [first, last] = [waves[0]?.after ?? 0, waves.at(-1)?.after ?? Number.NaN]
    const mb = (bytes: number) => (bytes / MB).toFixed(0)
    return [
      {
        what: `each of ${RUNS} runs of three steps at the same time`,
        measured: (peak - before) / RUNS / 1024,
        limit: 250,
        unit: 'KB',
        detail: `RSS ${mb(before)} → ${mb(peak)} MB, garbage and the connections of clients and backends included`,
      },
      {
        what: `memory after ${WAVES * RUNS} such runs, to after ${RUNS}`,
        measured: last / first,
        limit: 1.1,
        unit: '×',
        detail: `RSS ${waves.map(({ after }) => mb(after)).join(', ')} MB`,
      },
    ]
  },
}

const SLOWLY = { name: 'slowly', arguments: {} }

async function peakDuring(pid: number, work: () => Promise<void>): Promise<number> {
  let peak = 0
  const timer = setInterval(() => {
    peak = Math.max(peak, rssBytes(pid))
  }, 50)
  await work().finally(() => clearInterval(timer))
  return peak
}

const DATA = {
  params: { topic: 'backup', limit: 5, tags: ['a', 'b', 'c'] },
  steps: { search: { status: 'completed', output: { text: 'Every database is copied.', count: 3 } } },
}

/** What authors write: a reference, text around some, a choice, a list. */
const ARGUMENTS = {
  limit: '{{ .params.limit }}',
  query: 'documentation of {{ .params.topic }}',
  path: 'docs/{{ .params.topic }}/{{ .steps.search.output.count }}.md',
  body: '{{ .params.topic }}:\n{{ .steps.search.output.text }}',
  mode: '{{ if eq .steps.search.status "completed" }}fast{{ else }}slow{{ end }}',
  tags: '{{ range $i, $t := .params.tags }}{{ if $i }},{{ end }}{{ $t }}{{ end }}',
}
const EXPANSIONS = 20_000

/** What one templated argument costs. */
export const template: Row = {
  name: 'template',
  async run(bench: Bench): Promise<Figure[]> {
    const expand = createExpander()
    const each = (value: object) => {
      const before = cpuNanos(process.pid)
      for (let i = 0; i < EXPANSIONS; i++) expand(value, DATA, { numbers: 'plain' })
      return (cpuNanos(process.pid) - before) / 1000 / EXPANSIONS
    }
    const times = Object.entries(ARGUMENTS).map(([name, text]) => {
      each({ text })
      return [name, median(Array.from({ length: bench.options.rounds }, () => each({ text })))] as const
    })
    const [slowest] = times.toSorted(([, a], [, b]) => b - a)
    return [
      {
        what: 'expanding a templated argument',
        measured: median(times.map(([, micros]) => micros)),
        limit: 5,
        unit: 'µs',
        detail: `${times.map(([name, micros]) => `${name} ${micros.toFixed(1)}`).join(', ')} µs; the slowest is ${slowest?.[0]}`,
      },
    ]
  },
}
