import type { Call } from './call.ts'
import type { Caller } from './caller.ts'
import type { Catalog, Item } from './catalog.ts'
import { GatewayError } from './errors.ts'
import type { Gateway, Layer, Resolved } from './gateway.ts'

/** Whether a caller gets an item; the same answer for listing and calling. `call` is absent when listing. */
export type Predicate = (item: Item, caller: Caller, call: Call | undefined) => boolean

/** Takes items away. `refusal` is what a call of such an item is answered with. */
export function restrict(allows: Predicate, refusal: (call: Call) => GatewayError = notFound): Layer {
  return (inner: Gateway): Gateway => {
    const filtered = memoPerCaller((catalog, caller) =>
      filterCatalog(catalog, (item) => allows(item, caller, undefined)),
    )
    return {
      async list(caller, signal) {
        return filtered(await inner.list(caller, signal), caller)
      },
      async resolve(caller, call, signal): Promise<Resolved> {
        const resolved = await inner.resolve(caller, call, signal)
        if (!allows(resolved.item, caller, call)) throw refusal(call)
        return resolved
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
      return new GatewayError('not_found', `resource '${call.uri}' not found`, { data: { uri: call.uri } })
    case 'completion':
      return new GatewayError('not_found', 'nothing to complete: the reference names no prompt or resource')
  }
}

function filterCatalog(catalog: Catalog, keep: (item: Item) => boolean): Catalog {
  return {
    tools: catalog.tools.filter(keep),
    prompts: catalog.prompts.filter(keep),
    resources: catalog.resources.filter(keep),
    templates: catalog.templates.filter(keep),
    dropped: catalog.dropped,
  }
}

/** The same catalogue and principal give the same object, so that work per catalogue is done once. */
function memoPerCaller(make: (catalog: Catalog, caller: Caller) => Catalog) {
  const memo = new WeakMap<Catalog, WeakMap<object, Catalog>>()
  return (catalog: Catalog, caller: Caller): Catalog => {
    const byPrincipal = memo.get(catalog) ?? new WeakMap<object, Catalog>()
    memo.set(catalog, byPrincipal)
    const known = byPrincipal.get(caller.principal)
    if (known) return known
    const made = make(catalog, caller)
    byPrincipal.set(caller.principal, made)
    return made
  }
}
