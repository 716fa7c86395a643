import { GatewayError } from '../../core/errors.ts'
import { LIMITS } from './limits.ts'
import type { Step, Workflow } from './model.ts'

/** The graph of a workflow. Of several steps with one id, and of unknown dependencies, only the first counts. */
export interface Plan {
  /** In the order of declaration. */
  readonly steps: readonly Step[]
  /** Every step behind its dependencies; the stages, one after the other. */
  readonly order: readonly string[]
  /**
   * The steps by their distance from the start: those of one stage wait only for earlier stages. Lacks the
   * steps on or behind a cycle.
   */
  readonly stages: readonly (readonly string[])[]
  readonly dependencies: ReadonlyMap<string, readonly string[]>
  readonly dependents: ReadonlyMap<string, readonly string[]>
  /** All steps that have surely ended before a step begins. */
  readonly ancestors: ReadonlyMap<string, ReadonlySet<string>>
  /** The steps that no other waits for. */
  readonly sinks: readonly string[]
  readonly problems: readonly PlanProblem[]
}

export type PlanProblem =
  | { readonly type: 'too_many_steps'; readonly count: number }
  | { readonly type: 'duplicate'; readonly step: string }
  | { readonly type: 'unknown_dependency'; readonly step: string; readonly dependency: string }
  /** Each step depends on the next; the last is the first again. */
  | { readonly type: 'cycle'; readonly path: readonly string[] }

export function plan(workflow: Workflow): Plan {
  const ids = new Set<string>()
  const steps = workflow.steps.filter(({ id }) => !ids.has(id) && ids.add(id))
  const dependencies = new Map(
    steps.map((step) => [step.id, [...new Set(step.dependsOn)].filter((id) => ids.has(id))]),
  )
  const dependents = invert(dependencies)
  const sorted = sort(dependencies, dependents)
  const cycle = sorted.length < steps.length ? findCycle(dependencies, new Set(sorted)) : undefined
  const stages = stagesOf(sorted, dependencies)
  return {
    steps,
    order: stages.flat(),
    stages,
    dependencies,
    dependents,
    ancestors: ancestorsOf(sorted, dependencies),
    sinks: steps.map((step) => step.id).filter((id) => dependents.get(id)?.length === 0),
    problems: [
      ...faults(workflow, ids),
      ...(cycle === undefined ? [] : [{ type: 'cycle', path: cycle } as const]),
    ],
  }
}

/** @throws GatewayError `config` that names every problem */
export function assertRunnable(workflow: Workflow, graph: Plan): void {
  if (graph.problems.length === 0) return
  const list = graph.problems.map(describeProblem).join('; ')
  throw new GatewayError('config', `workflow '${workflow.name}' cannot run: ${list}`)
}

export function describeProblem(problem: PlanProblem): string {
  switch (problem.type) {
    case 'too_many_steps':
      return `${problem.count} steps, at most ${LIMITS.steps} are allowed`
    case 'duplicate':
      return `two steps have the id '${problem.step}'`
    case 'unknown_dependency':
      return `step '${problem.step}' depends on '${problem.dependency}', which is no step of this workflow`
    case 'cycle':
      return `steps wait for each other: ${problem.path.join(' → ')}`
  }
}

type Edges = ReadonlyMap<string, readonly string[]>

function faults(workflow: Workflow, ids: ReadonlySet<string>): PlanProblem[] {
  const problems: PlanProblem[] = []
  if (workflow.steps.length > LIMITS.steps) {
    problems.push({ type: 'too_many_steps', count: workflow.steps.length })
  }
  const seen = new Set<string>()
  for (const { id, dependsOn } of workflow.steps) {
    if (seen.has(id)) problems.push({ type: 'duplicate', step: id })
    seen.add(id)
    for (const dependency of dependsOn) {
      if (!ids.has(dependency)) problems.push({ type: 'unknown_dependency', step: id, dependency })
    }
  }
  return problems
}

function invert(dependencies: Edges): Map<string, string[]> {
  const inverse = new Map([...dependencies.keys()].map((id): [string, string[]] => [id, []]))
  for (const [id, needs] of dependencies) for (const need of needs) inverse.get(need)?.push(id)
  return inverse
}

/** Kahn's algorithm. */
function sort(dependencies: Edges, dependents: Edges): string[] {
  const missing = new Map([...dependencies].map(([id, needs]) => [id, needs.length]))
  const order = [...missing].filter(([, count]) => count === 0).map(([id]) => id)
  for (const id of order) {
    for (const next of dependents.get(id) ?? []) {
      const left = (missing.get(next) ?? 0) - 1
      missing.set(next, left)
      if (left === 0) order.push(next)
    }
  }
  return order
}

/** Walks from dependency to dependency among the steps that could not be sorted; such a walk must return. */
function findCycle(dependencies: Edges, sorted: ReadonlySet<string>): string[] {
  const stuck = (id: string) => !sorted.has(id)
  const path: string[] = []
  let at = [...dependencies.keys()].find(stuck)
  while (at !== undefined && !path.includes(at)) {
    path.push(at)
    at = dependencies.get(at)?.find(stuck)
  }
  const loop = path.slice(path.indexOf(at ?? ''))
  const first = [...dependencies.keys()].find((id) => loop.includes(id)) ?? ''
  const turn = loop.indexOf(first)
  return [...loop.slice(turn), ...loop.slice(0, turn), first]
}

function stagesOf(sorted: readonly string[], dependencies: Edges): string[][] {
  const stage = new Map<string, number>()
  for (const id of sorted) {
    stage.set(id, Math.max(0, ...(dependencies.get(id) ?? []).map((need) => (stage.get(need) ?? 0) + 1)))
  }
  const stages = Array.from(
    { length: Math.max(0, ...[...stage.values()].map((n) => n + 1)) },
    (): string[] => [],
  )
  for (const id of dependencies.keys()) {
    const at = stage.get(id)
    if (at !== undefined) stages[at]?.push(id)
  }
  return stages
}

function ancestorsOf(order: readonly string[], dependencies: Edges): Map<string, ReadonlySet<string>> {
  const ancestors = new Map<string, Set<string>>()
  for (const id of order) {
    const all = new Set<string>()
    for (const need of dependencies.get(id) ?? []) {
      all.add(need)
      for (const further of ancestors.get(need) ?? []) all.add(further)
    }
    ancestors.set(id, all)
  }
  return ancestors
}
