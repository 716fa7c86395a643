import { type Catalog, type CatalogItem, type Dropped, nameOf } from '../core/catalog.ts'
import type { AggregationPolicy } from '../core/config.ts'
import type { Backend, BackendState } from '../core/ports.ts'
import { byKeys } from './order.ts'
import { hiddenBy, overrideOf } from './tool-policy.ts'

/** What became of one entry of a backend. */
export interface Explanation {
  readonly kind: CatalogItem['kind']
  /** The name or URI that clients use; where they cannot, the backend's own. */
  readonly name: string
  readonly backend: string
  readonly ownName: string
  readonly status: 'listed' | 'hidden' | 'dropped'
  /** A sentence for the operator, where there is something to say. */
  readonly reason?: string
}

/** What tells more than the catalogue alone does. */
export interface Circumstances {
  readonly backends?: readonly Pick<Backend, 'name' | 'state'>[]
  readonly policy?: AggregationPolicy
}

const ORDER: readonly CatalogItem['kind'][] = ['tool', 'prompt', 'resource', 'template']

/** Every entry of every backend with what became of it and why; by kind, then by name. */
export function explain(catalog: Catalog, circumstances: Circumstances = {}): Explanation[] {
  const renamed = new Map(
    catalog.dropped.flatMap((dropped) =>
      dropped.as === undefined ? [] : [[keyOf(dropped.kind, dropped.as), dropped.reason] as const],
    ),
  )
  const states = new Map(circumstances.backends?.map(({ name, state }) => [name, state]))
  const items = [...catalog.tools, ...catalog.prompts, ...catalog.resources, ...catalog.templates]
  const rows = [
    ...items.map((item) => {
      const reasons = [
        renamed.get(keyOf(item.kind, nameOf(item))),
        hiddenReason(item, circumstances.policy),
        staleReason(states.get(item.origin.backend)),
      ]
      return kept(item, reasons)
    }),
    ...catalog.dropped.filter(({ as }) => as === undefined).map(gone),
  ]
  return ORDER.flatMap((kind) =>
    rows
      .filter((row) => row.kind === kind)
      .sort(
        byKeys(
          ({ name }) => name,
          ({ backend }) => backend,
          ({ status }) => status,
        ),
      ),
  )
}

function kept(item: CatalogItem, reasons: readonly (string | undefined)[]): Explanation {
  const reason = reasons.filter((it) => it !== undefined).join('; ')
  return {
    kind: item.kind,
    name: nameOf(item),
    backend: item.origin.backend,
    ownName: item.origin.name,
    status: item.hidden ? 'hidden' : 'listed',
    ...(reason !== '' && { reason }),
  }
}

function gone({ kind, origin, reason }: Dropped): Explanation {
  return { kind, name: origin.name, backend: origin.backend, ownName: origin.name, status: 'dropped', reason }
}

function hiddenReason(
  { kind, origin, hidden }: CatalogItem,
  policy: AggregationPolicy | undefined,
): string | undefined {
  if (policy === undefined || kind !== 'tool' || !hidden) return undefined
  const wanted = overrideOf(policy, origin.backend, origin.name)?.name || origin.name
  return hiddenBy(policy, origin.backend, [origin.name, wanted])
}

function staleReason(state: BackendState | undefined): string | undefined {
  if (state?.status !== 'failed') return undefined
  return `its backend cannot be reached now, this is its last list: ${state.error.message}`
}

function keyOf(kind: CatalogItem['kind'], name: string): string {
  return `${kind} ${name}`
}
