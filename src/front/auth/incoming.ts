import type { IncomingMessage } from 'node:http'
import type { Principal } from '../../core/caller.ts'
import type { GatewayError } from '../../core/errors.ts'
import type { IncomingAuthConfig } from '../../core/incoming-auth-config.ts'
import type { Log } from '../../core/log.ts'

/** One way to tell who comes in. */
export interface IncomingAuth<Type extends IncomingAuthConfig['type'] = IncomingAuthConfig['type']> {
  readonly type: Type
  /** @throws GatewayError `config` */
  create(
    config: Extract<IncomingAuthConfig, { type: Type }>,
    parts: IncomingAuthParts,
  ): Incoming | Promise<Incoming>
}

export interface IncomingAuthParts {
  readonly log: Log
  /** Of this server, as clients are told. */
  readonly name: string
}

export interface Incoming {
  /** Absent where a request says nothing of its sender: all are `principal`. */
  readonly authenticate?: Authenticate
  /** Of everybody; absent where each request says who sent it. */
  readonly principal?: Principal
  readonly resource?: ProtectedResource
  close(): Promise<void>
}

/**
 * Not a promise where the sender is known already, which is nearly always.
 * @throws GatewayError `unauthenticated`; `unavailable` where it cannot be told now
 */
export type Authenticate = (request: IncomingMessage) => Principal | Promise<Principal>

/** An OAuth protected resource, as its clients see it (RFC 6750, RFC 9728). */
export interface ProtectedResource {
  /** The value of `WWW-Authenticate` in the reply to a request that failed for this. */
  challenge(error: GatewayError): string
  /**
   * The scopes that a message needs. No method: what every request needs.
   * @param tool that it calls
   */
  needed(method?: string, tool?: string): readonly string[]
  /** Calls `end` once the credential of the principal is no longer good. Returns what gives the watch up. */
  watch(principal: Principal, end: () => void): () => void
  /** Metadata by the path that it is served at. */
  readonly documents: ReadonlyMap<string, object>
}
