import type { Action } from '../../core/authorization.ts'
import { RESOURCE_TYPES } from '../../core/authorization.ts'
import type { Call } from '../../core/call.ts'
import type { Item, JsonObject } from '../../core/catalog.ts'
import { COMPOSITE } from '../../core/composite.ts'
import { type Entity, EntityRef, keyOf, type Outcome, type PolicySet } from '../../engines/policy/index.ts'
import type { Arguments } from './arguments.ts'

/** What is asked for, as policies name it. */
export interface Asked {
  readonly action: Action
  readonly type: string
  /** The advertised name, or the URI; `undefined` where it is one of several that a template stands for. */
  readonly id: string | undefined
}

const OPERATIONS: Readonly<Record<Action, readonly [operation: string, feature: string]>> = {
  call_tool: ['call', 'tool'],
  get_prompt: ['get', 'prompt'],
  read_resource: ['read', 'resource'],
  call_method: ['call', 'method'],
}

/** Annotations that policies may look at. */
export const HINTS: readonly string[] = ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint']
const ARGUMENT = 'arg_'

export function askedFor(item: Item, call: Call | undefined): Asked {
  switch (item.kind) {
    case 'tool':
      return asked('call_tool', item.name)
    case 'prompt':
      return asked('get_prompt', item.name)
    case 'resource':
      return asked('read_resource', item.uri)
    case 'template': {
      const isOne = call?.kind === 'resource' || call?.kind === 'subscription'
      return asked('read_resource', isOne ? call.uri : undefined)
    }
    case 'method':
      return call?.kind === 'task' ? asked('call_tool', undefined) : asked('call_method', item.name)
  }
}

function asked(action: Action, id: string | undefined): Asked {
  return { action, type: RESOURCE_TYPES[action], id }
}

/** The entities that an item is in whatever the configuration says of it. */
export function parentsOf(item: Item, server: string): string[] {
  const { backend } = item.origin
  // A method may turn out to be that of another backend.
  const hasBackend = item.kind !== 'method' && backend !== COMPOSITE && backend !== ''
  return [
    keyOf('MCP', server),
    ...(hasBackend ? [keyOf('Backend', backend)] : []),
    ...(item.kind === 'template' ? [keyOf('Resource', item.uriTemplate)] : []),
  ]
}

/** What an item and its call say of themselves. `undefined` where they do not say it. */
export function ownAttribute(
  name: string,
  item: Item,
  { action, id }: Asked,
  args: Arguments,
): Outcome | undefined {
  if (name.startsWith(ARGUMENT)) return args.get(name.slice(ARGUMENT.length))
  switch (name) {
    case 'name':
      return id
    case 'uri':
      return action === 'read_resource' ? id : undefined
    case 'uriTemplate':
      return item.kind === 'template' ? item.uriTemplate : undefined
    case 'operation':
      return OPERATIONS[action][0]
    case 'feature':
      return OPERATIONS[action][1]
    default:
      return HINTS.includes(name) ? hintOf(name, item) : undefined
  }
}

function hintOf(name: string, { definition }: Item): boolean | undefined {
  const hint = (definition['annotations'] as JsonObject | undefined | null)?.[name]
  return typeof hint === 'boolean' ? hint : undefined
}

/** One thing that is asked for, with what the configuration knows of it. */
export class Target implements Entity {
  readonly ref: EntityRef
  readonly ancestors: ReadonlySet<string>
  readonly #item: Item
  readonly #asked: Asked
  readonly #args: Arguments
  readonly #own: Entity | undefined

  constructor(item: Item, it: Asked & { readonly id: string }, args: Arguments, above: Above) {
    this.#item = item
    this.#asked = it
    this.#args = args
    this.ref = new EntityRef(it.type, it.id)
    this.#own = above.policies.entities.find(this.ref.key)
    this.ancestors = above.of(item, this.#own)
  }

  /** The configuration is believed more than what a backend says of its own tools, but not of a request. */
  attribute(name: string): Outcome | undefined {
    const own = this.#own !== undefined && HINTS.includes(name) ? this.#own.attribute(name) : undefined
    if (own !== undefined) return own
    const said = ownAttribute(name, this.#item, this.#asked, this.#args)
    return said ?? (isReserved(name) ? undefined : this.#own?.attribute(name))
  }

  tag(name: string): Outcome | undefined {
    return this.#own?.tag(name)
  }
}

/** An attribute that only a request can have. */
export function isReserved(name: string): boolean {
  return name.startsWith(ARGUMENT) || name === 'uri' || name === 'uriTemplate'
}

/** Works out what items are in, once for each place that they come from. */
export class Above {
  readonly policies: PolicySet
  readonly #server: string
  readonly #known = new Map<string, ReadonlySet<string>>()

  constructor(policies: PolicySet, server: string) {
    this.policies = policies
    this.#server = server
  }

  of(item: Item, own: Entity | undefined): ReadonlySet<string> {
    const above = item.kind === 'template' ? this.#above(item) : this.#shared(item)
    return own === undefined || own.ancestors.size === 0 ? above : new Set([...own.ancestors, ...above])
  }

  #shared(item: Item): ReadonlySet<string> {
    const key = item.kind === 'method' ? '' : item.origin.backend
    const above = this.#known.get(key) ?? this.#above(item)
    this.#known.set(key, above)
    return above
  }

  #above(item: Item): ReadonlySet<string> {
    return this.policies.entities.above(parentsOf(item, this.#server))
  }
}
