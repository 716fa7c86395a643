import type { Call, Exchange, Result } from './call.ts'
import type { Caller } from './caller.ts'
import type { Catalog, Item } from './catalog.ts'

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

/** A list of the catalogue that is no longer what it was. Resource templates count as resources. */
export interface Change {
  readonly kind: 'tools' | 'prompts' | 'resources'
}

/** A feature: wraps a gateway in another. It holds `inner`, never the top of the stack. */
export type Layer = (inner: Gateway) => Gateway
