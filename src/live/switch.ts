import type { Call } from '../core/call.ts'
import type { Caller } from '../core/caller.ts'
import type { Catalog } from '../core/catalog.ts'
import { COMPOSITE } from '../core/composite.ts'
import { Differences } from '../core/differences.ts'
import type { Change, Gateway, Resolved } from '../core/gateway.ts'
import { Relay } from './relay.ts'
import { Subscriptions, stands } from './subscriptions.ts'

export interface Successor {
  readonly gateway: Gateway
  /** Backends that are closed, or are others of the same name now. */
  readonly gone: ReadonlySet<string>
  /** Ends what the gateway before tells. */
  readonly retire: () => void
}

/**
 * A gateway that another can take the place of, while clients stay connected. A call goes on in the gateway that it
 * was resolved in; whoever watches is told what is different in the next one; subscriptions move on.
 */
export class Switch implements Gateway {
  readonly #relays = new Set<Relay>()
  readonly #differences = new Differences()
  readonly #subscriptions = new Subscriptions()
  /** Runs of composite tools that have not ended, by the gateway that they call their steps in. */
  readonly #runs = new WeakMap<Gateway, number>()
  #inner: Gateway

  constructor(inner: Gateway) {
    this.#inner = inner
  }

  async list(caller: Caller, signal: AbortSignal): Promise<Catalog> {
    for (;;) {
      const inner = this.#inner
      try {
        const catalog = await inner.list(caller, signal)
        if (inner === this.#inner) return catalog
      } catch (error) {
        if (inner === this.#inner || signal.aborted) throw error
      }
    }
  }

  resolve(caller: Caller, call: Call, signal: AbortSignal): Promise<Resolved> {
    if (stands(call)) return this.#subscribe(caller, call, signal)
    return this.#resolve(caller, call, signal)
  }

  watch(caller: Caller, signal: AbortSignal): AsyncIterable<Change> {
    const differences = this.#differences
    const onEnd = (it: Relay) => this.#relays.delete(it)
    const relay = new Relay(this.#inner, { caller, signal, differences, onEnd })
    this.#relays.add(relay)
    return relay
  }

  /** Runs that may call more in a gateway, though another has taken its place. */
  runsIn(gateway: Gateway): number {
    return this.#runs.get(gateway) ?? 0
  }

  /** The gateway before is retired and the next one in its place at once, so that no change is missed or told twice. */
  replace({ gateway, gone, retire }: Successor): void {
    this.#inner = gateway
    retire()
    for (const relay of this.#relays) relay.move(gateway)
    this.#subscriptions.move(gateway, gone)
  }

  /** What was not found in a gateway whose place was taken meanwhile is looked for in the next. */
  #resolve(caller: Caller, call: Call, signal: AbortSignal): Promise<Resolved> {
    const inner = this.#inner
    return inner.resolve(caller, call, signal).then(
      (resolved) => (resolved.item.origin.backend === COMPOSITE ? this.#counted(inner, resolved) : resolved),
      (error: unknown) => {
        if (inner === this.#inner || signal.aborted) throw error
        return this.#resolve(caller, call, signal)
      },
    )
  }

  #counted(inner: Gateway, { item, run }: Resolved): Resolved {
    return {
      item,
      run: async (exchange) => {
        this.#runs.set(inner, this.runsIn(inner) + 1)
        try {
          return await run(exchange)
        } finally {
          this.#runs.set(inner, this.runsIn(inner) - 1)
        }
      },
    }
  }

  async #subscribe(caller: Caller, call: Call, signal: AbortSignal): Promise<Resolved> {
    const resolved = await this.#resolve(caller, call, signal)
    return {
      item: resolved.item,
      run: (exchange) => this.#subscriptions.begin({ caller, call, signal, exchange }, resolved),
    }
  }
}
