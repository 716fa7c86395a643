import type { Call } from './call.ts'
import type { Caller } from './caller.ts'
import type { Catalog, CatalogItem, Item } from './catalog.ts'
import { GatewayError } from './errors.ts'
import type { Gateway, Layer, Resolved } from './gateway.ts'

/** Whether a caller gets an item; the same answer for listing and calling. `call` is absent when listing. */
export type Predicate = (item: Item, caller: Caller, call: Call | undefined) => boolean

/**
 * Takes items away. `refusal` is what a call of such an item is answered with.
 * @param scope whether the answer may depend on the caller's principal, or is the same for everyone. What depends
 * on the caller is not for caches that callers share, whatever the backends say of it.
 */
export function restrict(
  allows: Predicate,
  refusal: (call: Call) => GatewayError = notFound,
  scope: 'caller' | 'everyone' = 'caller',
): Layer {
  return (inner: Gateway): Gateway => {
    const everyone = {}
    const keyOf = scope === 'everyone' ? () => everyone : ({ principal }: Caller) => principal
    const shown = scope === 'everyone' ? (catalog: Catalog) => catalog : memo(asPrivate, () => everyone)
    const filtered = memo(
      (catalog, caller) => filterCatalog(shown(catalog, caller), (item) => allows(item, caller, undefined)),
      keyOf,
    )
    return {
      async list(caller, signal) {
        return filtered(await inner.list(caller, signal), caller)
      },
      async resolve(caller, call, signal): Promise<Resolved> {
        const resolved = await inner.resolve(caller, call, signal)
        if (!allows(resolved.item, caller, call)) throw refusal(call)
        return scope === 'caller' && call.kind === 'resource' ? readPrivately(resolved) : resolved
      },
      watch: (caller, signal) => inner.watch(caller, signal),
    }
  }
}

/** `not_found` in the words that every layer uses, so that absent and hidden cannot be told apart. */
export function notFound(call: Call): GatewayError {
  switch (call.kind) {
    case 'tool':
      return new GatewayError('not_found', `tool '${call.name}' not found`)
    case 'prompt':
      return new GatewayError('not_found', `prompt '${call.name}' not found`)
    case 'resource':
    case 'subscription':
      return new GatewayError('not_found', `resource '${call.uri}' not found`, { data: { uri: call.uri } })
    case 'task':
      return new GatewayError('not_found', `task '${call.taskId}' not found`)
    case 'method':
      return new GatewayError('method_not_found', `method '${call.method}' not found`)
    case 'completion':
      return new GatewayError('not_found', 'nothing to complete: the reference names no prompt or resource')
  }
}

function asPrivate(catalog: Catalog): Catalog {
  return { ...catalog, caching: (list) => ({ ...catalog.caching(list), scope: 'private' }) }
}

/** Private is what a result is that does not say. */
function readPrivately(resolved: Resolved): Resolved {
  return {
    item: resolved.item,
    async run(exchange) {
      const { type, body } = await resolved.run(exchange)
      return { type, body: body.without(['cacheScope']) }
    },
  }
}

/** The same catalogue where nothing is taken away. */
function filterCatalog(catalog: Catalog, keep: (item: CatalogItem) => boolean): Catalog {
  const { dropped, missing, caching, personal } = catalog
  const tools = catalog.tools.filter(keep)
  const prompts = catalog.prompts.filter(keep)
  const resources = catalog.resources.filter(keep)
  const templates = catalog.templates.filter(keep)
  const isWhole =
    tools.length === catalog.tools.length &&
    prompts.length === catalog.prompts.length &&
    resources.length === catalog.resources.length &&
    templates.length === catalog.templates.length
  return isWhole ? catalog : { tools, prompts, resources, templates, dropped, missing, caching, personal }
}

/** The same catalogue and the same key of the caller give the same object, so that work is done once. */
function memo(make: (catalog: Catalog, caller: Caller) => Catalog, keyOf: (caller: Caller) => object) {
  const known = new WeakMap<Catalog, WeakMap<object, Catalog>>()
  return (catalog: Catalog, caller: Caller): Catalog => {
    const byKey = known.get(catalog) ?? new WeakMap<object, Catalog>()
    known.set(catalog, byKey)
    const key = keyOf(caller)
    const made = byKey.get(key) ?? make(catalog, caller)
    byKey.set(key, made)
    return made
  }
}
