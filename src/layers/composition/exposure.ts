import type { Catalog, Dropped, ToolItem } from '../../core/catalog.ts'
import { COMPOSITE } from '../../core/composite.ts'
import { annotationsOf, unkeptPromises } from './annotations.ts'
import type { Composite } from './composite.ts'
import { type StepTools, stepTools } from './step-tools.ts'

/** What the composite tools are over one catalogue. */
export interface Exposure {
  /** The catalogue with the composite tools in it, and those that were withdrawn among what was dropped. */
  readonly catalog: Catalog
  readonly exposed: ReadonlyMap<string, Exposed>
  readonly withdrawn: readonly Dropped[]
}

/** A composite tool that clients get. */
export interface Exposed {
  readonly composite: Composite
  readonly item: ToolItem
  /** By what the steps call them. */
  readonly tools: ReadonlyMap<string, ToolItem>
}

/** A composite tool that cannot work is withdrawn, and no other with it. */
export function expose(composites: readonly Composite[], catalog: Catalog): Exposure {
  const found = stepTools(catalog)
  const taken = new Map(catalog.tools.filter(({ hidden }) => !hidden).map((tool) => [tool.name, tool]))
  const exposed = new Map<string, Exposed>()
  const withdrawn: Dropped[] = []
  for (const composite of composites) {
    const reasons = objections(composite, { found, taken })
    if (reasons.length === 0) exposed.set(composite.name, exposedOver(composite, found))
    else {
      const origin = { backend: COMPOSITE, name: composite.name }
      withdrawn.push({ kind: 'tool', origin, reason: `withdrawn: ${reasons.join('; ')}` })
    }
  }
  const items = [...exposed.values()].map(({ item }) => item)
  const tools = [...catalog.tools, ...items].sort(byName)
  const dropped = [...catalog.dropped, ...withdrawn]
  return { catalog: { ...catalog, tools, dropped }, exposed, withdrawn }
}

interface Circumstances {
  readonly found: StepTools
  /** What clients see under which name already. */
  readonly taken: ReadonlyMap<string, ToolItem>
}

function objections(composite: Composite, { found, taken }: Circumstances): string[] {
  const holder = taken.get(composite.name)
  const missing = composite.calls.flatMap(({ step, tool }) => {
    if (found.find(tool) !== undefined) return []
    const reason = found.reason(tool)
    return [`step '${step}' calls '${tool}', which is not there${reason === undefined ? '' : ` (${reason})`}`]
  })
  return [
    ...composite.faults,
    ...(holder === undefined ? [] : [`backend '${holder.origin.backend}' has a tool of this name`]),
    ...missing,
    ...unkeptPromises(composite.annotations, toolsOf(composite, found)),
  ]
}

function exposedOver(composite: Composite, found: StepTools): Exposed {
  const { name, calls, definition } = composite
  const annotations = annotationsOf(composite.annotations, toolsOf(composite, found))
  const item: ToolItem = {
    kind: 'tool',
    name,
    origin: { backend: COMPOSITE, name },
    definition: { ...definition, annotations },
    hidden: false,
  }
  const tools = calls.flatMap(({ tool }) => {
    const it = found.find(tool)
    return it === undefined ? [] : [[tool, it] as const]
  })
  return { composite, item, tools: new Map(tools) }
}

function toolsOf({ calls }: Composite, found: StepTools): ToolItem[] {
  return calls.map(({ tool }) => found.find(tool)).filter((tool) => tool !== undefined)
}

/** By UTF-16 code unit, as the whole catalogue. */
function byName(a: ToolItem, b: ToolItem): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}
