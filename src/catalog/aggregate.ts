import {
  type Catalog,
  type Dropped,
  type JsonObject,
  type PromptItem,
  type ResourceItem,
  type TemplateItem,
  type ToolItem,
  UNCACHEABLE,
} from '../core/catalog.ts'
import type { AggregationPolicy } from '../core/config.ts'
import type { Offer } from '../core/ports.ts'
import type { Bids, Claim, Conflict } from './conflict/claim.ts'
import { namingRules } from './conflict/index.ts'
import { type Settlement, settle } from './conflict/settle.ts'
import type { Entry } from './entries.ts'
import { byKeys } from './order.ts'
import { type Prepared, type PromptClaim, prepare, type ToolClaim } from './prepare.ts'

export interface Contribution {
  /** Unique among all contributions. */
  readonly backend: string
  readonly offer: Offer
}

export interface Aggregate {
  readonly catalog: Catalog
  /** Names that a person has to decide on; nobody gets them until then. */
  readonly conflicts: readonly Conflict[]
}

/** Makes one catalogue of what all backends offer. Pure: the order of the contributions does not matter. */
export function aggregate(contributions: readonly Contribution[], policy: AggregationPolicy): Aggregate {
  return merge(
    contributions.map(({ backend, offer }) => prepare(backend, offer, policy)),
    policy,
  )
}

/** The part of `aggregate` that looks at all backends together. */
export function merge(contributions: readonly Prepared[], policy: AggregationPolicy): Aggregate {
  const backends = contributions.toSorted(byKeys(({ backend }) => backend))
  const rules = namingRules(policy.strategy)
  const claims = backends.flatMap(({ tools }) => tools)
  const wishes = rules.tools(claims.filter(({ hidden }) => !hidden))
  const names = new Map<string, Claim>()
  const visible = settle(wishes.bids, names)
  // What clients see depends on nothing that they do not see, so hidden tools take what is left.
  const hidden = settle(claims.filter(({ hidden }) => hidden).map(rules.hidden), names)
  const prompts = settleAll(rules.prompts(backends.flatMap((backend) => backend.prompts)))
  const resources = firstOfEach(backends, 'resource')
  const templates = firstOfEach(backends, 'template')
  const dropped = [
    ...backends.flatMap((backend) => backend.dropped),
    ...losses('tool', { ...visible, refused: [...wishes.refused, ...visible.refused, ...hidden.refused] }),
    ...losses('prompt', prompts),
    ...resources.dropped,
    ...templates.dropped,
  ]
  const catalog: Catalog = {
    tools: [...visible.named, ...hidden.named].map(toolItem).sort(byKeys(({ name }) => name)),
    prompts: prompts.named.map(promptItem).sort(byKeys(({ name }) => name)),
    resources: resources.entries.map(resourceItem).sort(byKeys(({ uri }) => uri)),
    templates: templates.entries.map(templateItem).sort(byKeys(({ uriTemplate }) => uriTemplate)),
    dropped: dropped.sort(
      byKeys(
        ({ kind }) => kind,
        ({ origin }) => origin.backend,
        ({ origin }) => origin.name,
        ({ reason }) => reason,
      ),
    ),
    // Offers alone do not say how long they hold.
    caching: () => UNCACHEABLE,
  }
  return { catalog, conflicts: wishes.conflicts.toSorted(byKeys(({ name }) => name)) }
}

function settleAll<C extends Claim>({ bids, refused }: Bids<C>): Settlement<C> {
  const settled = settle(bids, new Map())
  return { named: settled.named, refused: [...refused, ...settled.refused] }
}

function losses(kind: 'tool' | 'prompt', { named, refused }: Settlement<Claim>): Dropped[] {
  const renamed = named.flatMap(({ claim, name, reason }) =>
    reason === undefined ? [] : [{ ...loss(kind, claim, `listed as '${name}': ${reason}`), as: name }],
  )
  return [...renamed, ...refused.map(({ claim, reason }) => loss(kind, claim, reason))]
}

function loss(kind: Dropped['kind'], { backend, ownName }: Claim, reason: string): Dropped {
  return { kind, origin: { backend, name: ownName }, reason }
}

interface Owned extends Entry {
  readonly backend: string
}

/** URIs are never rewritten, so of several backends with one the first by name has it. */
function firstOfEach(backends: readonly Prepared[], kind: 'resource' | 'template') {
  const owners = new Map<string, Owned>()
  const dropped: Dropped[] = []
  for (const prepared of backends) {
    const { backend } = prepared
    for (const entry of kind === 'resource' ? prepared.resources : prepared.templates) {
      const owner = owners.get(entry.key)
      if (owner === undefined) owners.set(entry.key, { ...entry, backend })
      else {
        const reason = `'${owner.backend}' offers the same URI and comes first by name`
        dropped.push({ kind, origin: { backend, name: entry.key }, reason })
      }
    }
  }
  return { entries: [...owners.values()], dropped }
}

interface NamedTool {
  readonly claim: ToolClaim
  readonly name: string
}

function toolItem({ claim, name }: NamedTool): ToolItem {
  return {
    kind: 'tool',
    name,
    origin: { backend: claim.backend, name: claim.ownName },
    definition: withName(claim.definition, name),
    hidden: claim.hidden,
    ...(claim.wrapper !== undefined && { wrapper: claim.wrapper }),
  }
}

function promptItem({ claim, name }: { readonly claim: PromptClaim; readonly name: string }): PromptItem {
  const origin = { backend: claim.backend, name: claim.ownName }
  return { kind: 'prompt', name, origin, definition: withName(claim.definition, name), hidden: false }
}

function withName(definition: JsonObject, name: string): JsonObject {
  return definition['name'] === name ? definition : { ...definition, name }
}

function resourceItem({ backend, key, definition }: Owned): ResourceItem {
  return { kind: 'resource', uri: key, origin: { backend, name: key }, definition, hidden: false }
}

function templateItem({ backend, key, definition }: Owned): TemplateItem {
  return { kind: 'template', uriTemplate: key, origin: { backend, name: key }, definition, hidden: false }
}
