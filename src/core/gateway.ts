import type { Ask, Call, Exchange, Notice, Result } from './call.ts'
import type { Caller } from './caller.ts'
import type { Catalog, Item } from './catalog.ts'
import type { RawObject } from './raw.ts'

/** The one seam. Everything between the front door and the backends is this interface. */
export interface Gateway {
  /** @throws GatewayError `unavailable` when no backend at all has answered */
  list(caller: Caller, signal: AbortSignal): Promise<Catalog>
  /**
   * Finds and authorises, before any stream opens.
   * @throws GatewayError `not_found`, `denied`
   */
  resolve(caller: Caller, call: Call, signal: AbortSignal): Promise<Resolved>
  /** What changes for this caller from now on. Ends when the signal fires or the gateway closes. */
  watch(caller: Caller, signal: AbortSignal): AsyncIterable<Change>
}

/** A call that was found and may be made. */
export interface Resolved {
  readonly item: Item
  /** @throws GatewayError, of which `backend` carries the backend's own JSON-RPC error */
  run(exchange: Exchange): Promise<Result>
}

/** What a caller is told outside of its calls. */
export type Change = ListChange | Aside

/** A list of the catalogue that is no longer what it was. Resource templates count as resources. */
export interface ListChange {
  readonly kind: 'tools' | 'prompts' | 'resources'
}

/** What a backend says to one legacy client session, and to no call of it. */
export type Aside = {
  /** Who says it. */
  readonly backend: string
} & (
  | { readonly kind: 'notice'; readonly notice: Notice }
  /** `reply` is to be called once, with the answer to come or with why there is none. */
  | { readonly kind: 'ask'; readonly ask: Ask; readonly reply: (answer: Promise<RawObject>) => void }
)

/** What a legacy client says outside of its calls, for the servers that have a connection of its own. */
export type News =
  | { readonly kind: 'notice'; readonly notice: Notice }
  /** The least severe log message that it wants from now on. */
  | { readonly kind: 'level'; readonly level: string }

/** A feature: wraps a gateway in another. It holds `inner`, never the top of the stack. */
export type Layer = (inner: Gateway) => Gateway
