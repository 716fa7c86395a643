import type { ToolOverride, WorkloadPolicy } from '../../core/config.ts'
import type { Finding } from '../diagnostics.ts'
import { child, items, odd, type Place, textAt } from '../place.ts'
import { didYouMean } from '../similar.ts'
import type { LintContext } from './lint.ts'

interface Workload {
  readonly policy: WorkloadPolicy
  /** The backend's own tool names. */
  readonly tools: ReadonlySet<string>
  /** Its entry under `aggregation.tools`. */
  readonly entry: Place
}

/** Filters and overrides that do nothing, or the opposite of what they seem to do. */
export function* workloads({ config, source, offers }: LintContext): Iterable<Finding> {
  const root: Place = { path: [], value: source.value([]) }
  for (const entry of items(child(root, 'aggregation', 'tools'))) {
    const name = textAt(child(entry, 'workload')) ?? ''
    const policy = config.aggregation.workloads[name]
    const offer = offers.get(name)
    if (policy === undefined || offer === undefined) continue
    const workload = { policy, entry, tools: new Set(offer.tools.map((tool) => String(tool['name']))) }
    yield* filterEntries(workload)
    yield* overrides(workload)
  }
}

function* filterEntries({ policy, tools, entry }: Workload): Iterable<Finding> {
  const renamed = Object.entries(policy.overrides).flatMap(([own, { name, wrap = [] }]) =>
    tools.has(own) ? [...(name ? [name] : []), ...wrap.map((wrapper) => wrapper.name)] : [],
  )
  for (const place of items(child(entry, 'filter'))) {
    const name = textAt(place) ?? ''
    const newName = overrideOf(policy, name)?.name
    if (!tools.has(name) && !renamed.includes(name)) {
      yield odd(place, `no tool is called ${JSON.stringify(name)}`, didYouMean(name, [...tools, ...renamed]))
    } else if (tools.has(name) && newName !== undefined && newName !== name && !renamed.includes(name)) {
      const message = `names the tool ${JSON.stringify(name)}, which is renamed to ${JSON.stringify(newName)}`
      yield odd(place, message, `write ${newName}: other programs that read this file know only the new name`)
    }
  }
}

function* overrides(workload: Workload): Iterable<Finding> {
  for (const [tool, override] of Object.entries(workload.policy.overrides)) {
    const place = child(workload.entry, 'overrides', tool)
    const fault = faultOf(tool, override, workload)
    if (fault !== undefined) yield { severity: 'warning', path: place.path, part: 'key', ...fault }
  }
}

function faultOf(
  tool: string,
  { name = tool, wrap = [] }: ToolOverride,
  workload: Workload,
): { message: string; hint?: string | undefined } | undefined {
  const { policy, tools } = workload
  if (!tools.has(tool)) {
    return { message: `no tool is called ${JSON.stringify(tool)}`, hint: didYouMean(tool, tools) }
  }
  if (policy.excludeAll) return { message: 'the tool is hidden by excludeAll' }
  const names = [tool, name, ...wrap.map((wrapper) => wrapper.name)]
  if (policy.filter && !names.some((it) => policy.filter?.includes(it))) {
    return { message: 'the tool is hidden: the filter does not name it', hint: `add ${name} to the filter` }
  }
  const other = name !== tool && tools.has(name) && (overrideOf(policy, name)?.name ?? name) === name
  return other
    ? { message: `the new name ${JSON.stringify(name)} is that of another tool of this backend` }
    : undefined
}

function overrideOf(policy: WorkloadPolicy, tool: string): ToolOverride | undefined {
  return Object.hasOwn(policy.overrides, tool) ? policy.overrides[tool] : undefined
}
