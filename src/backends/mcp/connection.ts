import { setMaxListeners } from 'node:events'
import { onAbort } from '../../core/abort.ts'
import type { Exchange, Result } from '../../core/call.ts'
import type { Caller } from '../../core/caller.ts'
import type { JsonObject } from '../../core/catalog.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Aside, News } from '../../core/gateway.ts'
import type { Log } from '../../core/log.ts'
import type { BackendRequest, ServerFacts } from '../../core/ports.ts'
import type { Channel } from './channel.ts'
import type { Limits } from './limits.ts'
import type { Listing } from './listing.ts'

/** A channel on which client and server have agreed how to speak. */
export interface Connection {
  readonly server: ServerFacts
  readonly gone: Gone
  /** In progress. */
  readonly calls: number
  /** Whether the server says so on this connection when what it lists is another. */
  readonly isHeard: boolean
  /** @throws GatewayError when nothing can be listed */
  list(signal: AbortSignal): Promise<Listing>
  /** @param began when the time of the call began to run, by `performance.now()` @throws GatewayError */
  run(request: BackendRequest, exchange: Exchange, began: number): Promise<Result>
  /** Asks the server whether it is there, on nobody's behalf. @throws GatewayError when it does not answer as it should */
  probe(signal: AbortSignal): Promise<void>
  /** Listens for changes of the lists from now on, where it did not. */
  hear(): void
  /** Passes on what the client says whose connection this is. */
  tell(news: News): void
  /** No call comes any more, since it is of no use; those in progress may end. */
  retire(): void
  close(): Promise<void>
}

/** That no call is given to a connection any more. Most connections have nobody who waits for it. */
export class Gone {
  #over = false
  #controller: AbortController | undefined

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      setMaxListeners(0, this.#controller.signal)
      if (this.#over) this.#controller.abort()
    }
    return this.#controller.signal
  }

  go(): void {
    this.#over = true
    this.#controller?.abort()
  }
}

export interface ConnectionEvents {
  /** What the server offers may be another from now on. */
  changed(): void
  /** The connection is of no use any more. */
  lost(error: GatewayError): void
  /** What the server says to the one client of the connection. @returns whether somebody took it */
  aside(aside: Aside): boolean
}

/** Whom a connection speaks for. */
export interface Peer {
  readonly info: JsonObject
  readonly capabilities: JsonObject
}

/** What a connection needs to know of the backend it leads to. */
export interface Site {
  readonly name: string
  readonly timeoutMs: number
  /** The most that progress extends a call to; `undefined`: it extends nothing. */
  readonly extendMs: number | undefined
  readonly limits: Limits
  /** What was said to the log of lists that fail, so that it is said once. */
  readonly complaints: Map<string, string>
  readonly log: Log
}

/** Somebody whose own connection it is, as of their last request: what is asked there is asked with their credentials. */
export interface Patron {
  caller: Caller
}

export interface ConnectOptions {
  readonly site: Site
  readonly channel: Channel
  readonly peer: Peer
  /** `undefined` where it is the gateway's. */
  readonly patron: Patron | undefined
  /** A connection that lists, and is no single client's. */
  readonly home: boolean
  /** Whether it listens for changes of the lists from the start. */
  readonly hears: boolean
  readonly events: ConnectionEvents
}

/** The exchange of what the gateway asks on its own behalf. */
export function quietly(signal: AbortSignal): Exchange {
  return {
    signal,
    onAbort: (listener) => onAbort(signal, listener),
    takesInputRequired: false,
    notify() {},
    ask: ({ method }) =>
      Promise.reject(new GatewayError('capability_required', `nobody here answers '${method}'`)),
  }
}
