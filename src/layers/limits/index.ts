import type { Gateway, Layer } from '../../core/gateway.ts'
import type { RateLimitConfig } from '../../core/limits.ts'
import { bucketsOf } from './buckets.ts'
import type { Gate } from './gate.ts'

/**
 * Lets only so many tool calls of clients through. A call that is not there, or not allowed, takes nothing; what a
 * composite tool calls in its turn is below this layer.
 * @param name of the server, which the gateways that share a store have in common
 */
export function limits(
  config: RateLimitConfig,
  { name, gate }: { readonly name: string; readonly gate: Gate },
): Layer {
  const bucketsFor = bucketsOf(config, name)
  return (inner: Gateway): Gateway => ({
    list: (caller, signal) => inner.list(caller, signal),
    async resolve(caller, call, signal) {
      const resolved = await inner.resolve(caller, call, signal)
      if (call.kind !== 'tool') return resolved
      const buckets = bucketsFor(call.name, caller.principal)
      if (buckets.length > 0) await gate.pass(buckets, call.name, config.failOpen)
      return resolved
    },
    watch: (caller, signal) => inner.watch(caller, signal),
  })
}
