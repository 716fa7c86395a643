import type { JsonObject } from '../core/catalog.ts'
import type { AggregationPolicy, ToolOverride, WorkloadPolicy } from '../core/config.ts'

function workloadPolicy(policy: AggregationPolicy, backend: string): WorkloadPolicy | undefined {
  return Object.hasOwn(policy.workloads, backend) ? policy.workloads[backend] : undefined
}

/** What the configuration says of one tool, by the backend's own name of it. */
export function overrideOf(
  policy: AggregationPolicy,
  backend: string,
  ownName: string,
): ToolOverride | undefined {
  const overrides = workloadPolicy(policy, backend)?.overrides ?? {}
  return Object.hasOwn(overrides, ownName) ? overrides[ownName] : undefined
}

/** The definition with all of an override but the name applied; the same object where that changes nothing. */
export function overridden(definition: JsonObject, override: ToolOverride | undefined): JsonObject {
  if (override === undefined) return definition
  const { title, description, annotations } = override
  const changes = {
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(annotations !== undefined && { annotations: merged(definition['annotations'], annotations) }),
  }
  return Object.keys(changes).length === 0 ? definition : { ...definition, ...changes }
}

function merged(own: unknown, annotations: JsonObject): JsonObject {
  return typeof own === 'object' && own !== null ? { ...own, ...annotations } : annotations
}

/**
 * Why clients do not see a tool, or `undefined` when they do. The widest rule goes first.
 * @param names the tool's own name and the overridden one; the filter may hold either
 */
export function hiddenBy(
  policy: AggregationPolicy,
  backend: string,
  names: readonly string[],
): string | undefined {
  if (policy.excludeAllTools) return 'excludeAllTools hides all tools'
  const workload = workloadPolicy(policy, backend)
  if (workload === undefined) {
    const denied = policy.defaultVisibility === 'deny'
    return denied ? `defaultToolVisibility is deny, and '${backend}' has no entry under tools` : undefined
  }
  if (workload.excludeAll) return `excludeAll hides the tools of '${backend}'`
  const filter = workload.filter ?? []
  if (filter.length === 0 || names.some((name) => filter.includes(name))) return undefined
  return `the filter of '${backend}' does not name it`
}
