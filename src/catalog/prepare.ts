import type { Dropped, JsonObject } from '../core/catalog.ts'
import type { AggregationPolicy } from '../core/config.ts'
import type { Offer } from '../core/ports.ts'
import type { Claim } from './conflict/claim.ts'
import { type Entry, readEntries } from './entries.ts'
import { byKeys } from './order.ts'
import { hiddenBy, overridden, overrideOf } from './tool-policy.ts'

export interface ToolClaim extends Claim {
  readonly definition: JsonObject
  readonly hidden: boolean
  readonly wrapper?: string
}

export interface PromptClaim extends Claim {
  readonly definition: JsonObject
}

/** All that can be said of one backend's offer without knowing the others. */
export interface Prepared {
  readonly backend: string
  readonly tools: readonly ToolClaim[]
  readonly prompts: readonly PromptClaim[]
  readonly resources: readonly Entry[]
  readonly templates: readonly Entry[]
  readonly dropped: readonly Dropped[]
}

export function prepare(backend: string, offer: Offer, policy: AggregationPolicy): Prepared {
  const tools = readEntries(offer.tools, { kind: 'tool', backend, identity: 'name' })
  const prompts = readEntries(offer.prompts, { kind: 'prompt', backend, identity: 'name' })
  const resources = readEntries(offer.resources, { kind: 'resource', backend, identity: 'uri' })
  const templates = readEntries(offer.templates, { kind: 'template', backend, identity: 'uriTemplate' })
  const byOwnNameAndWrapper = byKeys<ToolClaim>(
    ({ ownName }) => ownName,
    ({ wrapper = '' }) => wrapper,
  )
  const byOwnName = byKeys<Claim>(({ ownName }) => ownName)
  return {
    backend,
    tools: tools.entries.flatMap((entry) => toolClaims(backend, entry, policy)).sort(byOwnNameAndWrapper),
    prompts: prompts.entries
      .map(({ key, definition }) => ({ backend, ownName: key, wanted: key, definition }))
      .sort(byOwnName),
    resources: resources.entries,
    templates: templates.entries,
    dropped: [tools, prompts, resources, templates].flatMap(({ dropped }) => dropped),
  }
}

/** The tool itself, and what is wrapped around it. */
function toolClaims(backend: string, { key, definition }: Entry, policy: AggregationPolicy): ToolClaim[] {
  const override = overrideOf(policy, backend, key)
  const wanted = override?.name || key
  const own: ToolClaim = {
    backend,
    ownName: key,
    wanted,
    definition: overridden(definition, override),
    hidden: hiddenBy(policy, backend, [key, wanted]) !== undefined,
  }
  const wrappers = override?.wrap ?? []
  return [
    own,
    ...wrappers.map((wrapper) => ({
      backend,
      ownName: key,
      wanted: wrapper.name,
      definition: overridden(definition, wrapper),
      hidden: hiddenBy(policy, backend, [wrapper.name]) !== undefined,
      wrapper: wrapper.name,
    })),
  ]
}
