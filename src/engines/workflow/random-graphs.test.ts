import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ToolDraft } from './define.ts'
import type { ToolCallRequest } from './ports.ts'
import { listeningTo, type Simulation, simulate, text } from './testing.ts'

interface Node {
  readonly id: string
  readonly needs: readonly string[]
  readonly fate: Fate
}

type Fate = 'succeed' | 'skip' | 'fail_and_continue' | 'fail'

/** Steps whose dependencies point to earlier ones, then declared in any order. */
function graphs(fates: readonly Fate[]): fc.Arbitrary<Node[]> {
  const node = fc.record({ picks: fc.array(fc.nat(), { maxLength: 3 }), fate: fc.constantFrom(...fates) })
  return fc.array(node, { minLength: 1, maxLength: 12 }).chain((drafts) => {
    const nodes = drafts.map(({ picks, fate }, index) => ({
      id: `s${index}`,
      needs: index === 0 ? [] : [...new Set(picks.map((pick) => `s${pick % index}`))],
      fate,
    }))
    return fc.shuffledSubarray(nodes, { minLength: nodes.length })
  })
}

const durations = fc.array(fc.nat({ max: 50 }), { minLength: 12, maxLength: 12 })

function stepOf({ id, needs, fate }: Node): ToolDraft {
  return {
    id,
    tool: fate === 'fail' || fate === 'fail_and_continue' ? 'fail' : 'work',
    dependsOn: needs,
    arguments: { from: needs.map((need) => `{{.steps.${need}.output.v}}`) },
    ...(fate === 'skip' && { condition: 'false' }),
    ...(fate === 'fail_and_continue' && { onError: { action: 'continue' } as const }),
    defaultResults: { v: `default of ${id}` },
  }
}

interface Setting {
  readonly times: readonly number[]
  readonly maxParallel?: number
  readonly cancelAt?: number
}

interface Observed extends Simulation {
  readonly mostAtOnce: number
  readonly signal: AbortSignal
}

async function observe(nodes: readonly Node[], setting: Setting): Promise<Observed> {
  const control = new AbortController()
  let running = 0
  let mostAtOnce = 0
  const during = async (call: ToolCallRequest, clock: Simulation['clock']) => {
    mostAtOnce = Math.max(mostAtOnce, ++running)
    await clock.sleep(setting.times[Number(call.step.slice(1))] ?? 0, call.signal)
    running--
  }
  const tools = {
    work: async (call: ToolCallRequest, clock: unknown) => {
      await during(call, clock as Simulation['clock'])
      return { content: [], structuredContent: { v: `${call.step}(${call.arguments['from']})` } }
    },
    fail: async (call: ToolCallRequest, clock: unknown) => {
      await during(call, clock as Simulation['clock'])
      return text(`${call.step} failed`, true)
    },
  }
  const draft = { name: 'w', steps: nodes.map(stepOf), maxParallel: setting.maxParallel ?? 100 }
  const { cancelAt } = setting
  const after = cancelAt === undefined ? undefined : { ms: cancelAt, act: () => control.abort() }
  const simulation = await simulate(draft, { tools, signal: control.signal, after })
  return { ...simulation, mostAtOnce, signal: control.signal }
}

/** Statuses and outputs, without times. */
function resultOf({ outcome }: Simulation) {
  const steps = outcome.steps.map((step) => [step.id, step.status, 'output' in step ? step.output : null])
  return { status: outcome.status, output: outcome.output, steps }
}

function expectNothingLeft({ clock, calls, signal }: Observed) {
  expect(clock.sleeping).toBe(0)
  for (const each of [signal, ...calls.map((call) => call.signal)]) {
    expect(listeningTo(each)).toBe(0)
  }
}

function expectOrder(nodes: readonly Node[], { events }: Simulation) {
  const ended = new Set<string>()
  for (const event of events) {
    if (!('step' in event)) continue
    if (event.type === 'step_started') {
      for (const need of nodes.find(({ id }) => id === event.step)?.needs ?? []) expect(ended).toContain(need)
    } else ended.add(event.step)
  }
}

const CALM: readonly Fate[] = ['succeed', 'succeed', 'skip', 'fail_and_continue']

describe('any graph of steps', () => {
  it('runs every step once, never before what it needs, and never too many at once', async () => {
    const property = fc.asyncProperty(
      graphs(CALM),
      durations,
      fc.integer({ min: 1, max: 4 }),
      async (nodes, times, maxParallel) => {
        const observed = await observe(nodes, { times, maxParallel })
        const expected = nodes.filter(({ fate }) => fate !== 'skip').map(({ id }) => id)
        expect(observed.calls.map((call) => call.step).sort()).toEqual(expected.sort())
        expect(observed.mostAtOnce).toBeLessThanOrEqual(maxParallel)
        expect(observed.outcome.status).toBe('completed')
        expectOrder(nodes, observed)
        expectNothingLeft(observed)
      },
    )
    await fc.assert(property)
  })

  it('has an outcome that does not depend on how long its steps take, nor on how many run at once', async () => {
    const property = fc.asyncProperty(graphs(CALM), durations, durations, async (nodes, times, others) => {
      const one = resultOf(await observe(nodes, { times }))
      const other = resultOf(await observe(nodes, { times: others, maxParallel: 2 }))
      expect(other).toEqual(one)
    })
    await fc.assert(property)
  })

  it('fails however long its steps take, if a step may not fail and does', async () => {
    const property = fc.asyncProperty(graphs([...CALM, 'fail']), durations, async (nodes, times) => {
      const observed = await observe(nodes, { times })
      const fails = nodes.some(({ fate }) => fate === 'fail')
      expect(observed.outcome.status).toBe(fails ? 'failed' : 'completed')
      expect(new Set(observed.calls.map((call) => call.step)).size).toBe(observed.calls.length)
      expectOrder(nodes, observed)
      expectNothingLeft(observed)
    })
    await fc.assert(property)
  })

  it('starts each step the moment its dependencies are done, where it may', async () => {
    const property = fc.asyncProperty(graphs(['succeed']), durations, async (nodes, times) => {
      const { step, outcome } = await observe(nodes, { times })
      const endOf = (id: string) => {
        const report = step(id)
        return report.status === 'completed' ? report.startedAt + report.durationMs : Number.NaN
      }
      for (const { id, needs } of nodes) {
        expect(step(id)).toMatchObject({ startedAt: Math.max(outcome.startedAt, ...needs.map(endOf)) })
      }
    })
    await fc.assert(property)
  })

  it('ends at once when it is cancelled at any moment, and leaves nothing behind', async () => {
    const property = fc.asyncProperty(
      graphs(CALM),
      durations,
      fc.nat({ max: 100 }),
      async (nodes, times, cancelAt) => {
        const observed = await observe(nodes, { times, maxParallel: 3, cancelAt })
        const { outcome } = observed
        if (outcome.status === 'cancelled') expect(outcome.durationMs).toBe(cancelAt)
        else expect(outcome).toMatchObject({ status: 'completed' })
        expect(outcome.steps.filter((step) => step.status === 'running')).toEqual([])
        expectNothingLeft(observed)
      },
    )
    await fc.assert(property)
  })
})
