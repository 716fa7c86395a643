import type { Layer, Resolved } from '../core/gateway.ts'
import { hasScopes, insufficientScope } from '../core/scopes.ts'

/** Scopes by the name of the tool, as clients see it. */
export type ToolScopes = Readonly<Record<string, readonly string[]>>

/**
 * Lets a tool be called only by who has the scopes for it. It stays listed: a client that is refused can ask for
 * more (MCP, basic/authorization, step-up). Where it is called from makes no difference: a step of a composite tool
 * needs the scopes of its caller as well.
 */
export function toolScopes(scopes: ToolScopes): Layer {
  const needed = new Map(Object.entries(scopes))
  return (inner) => ({
    list: (caller, signal) => inner.list(caller, signal),
    async resolve(caller, call, signal): Promise<Resolved> {
      const resolved = await inner.resolve(caller, call, signal)
      const { item } = resolved
      const wanted = item.kind === 'tool' ? needed.get(item.name) : undefined
      if (wanted !== undefined && !hasScopes(caller.principal, wanted)) throw insufficientScope(wanted)
      return resolved
    },
    watch: (caller, signal) => inner.watch(caller, signal),
  })
}
