import type { Caller } from '../../core/caller.ts'
import type { Failure } from './failure.ts'
import type { Message } from './message.ts'

/** HTTP headers, names in lower case. Wires without headers ignore them. */
export type Headers = Readonly<Record<string, string>>

export interface OnBehalf {
  readonly headers: Headers
  /** `undefined` for what the gateway asks on its own behalf. */
  readonly caller: Caller | undefined
}

/** A JSON-RPC message to send, and for whom. */
export interface Outgoing extends OnBehalf {
  readonly body: Buffer
}

export interface OutgoingRequest extends Outgoing {
  /** The JSON-RPC id in `body`; unique on its channel. */
  readonly id: number
}

/** Takes what comes in answer to one request. After `fail`, or once it is dropped, nothing comes. */
export interface Sink {
  /** HTTP only: a stream is open, and may bring messages from now on. */
  opened?(): void
  /** The response, and the notifications and requests on the way to it. */
  receive(message: Message): void
  fail(failure: Failure): void
}

/** A request that was handed to a channel. */
export interface Ticket {
  /** Stops waiting and frees what the wire holds for it. */
  drop(): void
  /** A header of the HTTP response, once there is one. */
  header(name: string): string | undefined
}

/** What comes outside of any request. */
export interface ChannelEvents {
  stray(message: Message): void
  /** The wire is gone for good; pending requests have failed already. */
  lost(failure: Failure): void
}

/** A wire to one server: a process, an event stream, or an HTTP endpoint. */
export interface Channel {
  /** Whether each request has an answer stream of its own, so that dropping it is seen by the server. */
  readonly perRequest: boolean
  /** Verbs beyond POST, where there is HTTP. */
  readonly http: HttpVerbs | undefined
  /** An id for the next request. */
  nextId(): number
  request(outgoing: OutgoingRequest, sink: Sink): Ticket
  /** Sends a notification or a response. Never rejects: resolves when it was taken, or was lost and that logged. */
  send(outgoing: Outgoing): Promise<void>
  /** Where strays and the loss are told from now on. */
  attach(events: ChannelEvents): void
  close(): Promise<void>
}

export interface HttpVerbs {
  /** Opens the server's own event stream. `fail` comes when it ends, for whatever reason. */
  listen(onBehalf: OnBehalf, sink: Sink): Ticket
  /** Ends a session. Never rejects. */
  remove(onBehalf: OnBehalf): Promise<void>
}
