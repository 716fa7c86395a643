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
  /** Of this server, as clients are told now. */
  readonly name: () => string
}

export interface Incoming {
  /** Absent where a request says nothing of its sender: all are `principal`. */
  readonly authenticate?: Authenticate
  /** Of everybody; absent where each request says who sent it. */
  readonly principal?: Principal
  readonly resource?: ProtectedResource
  /**
   * Ends what stays open once its client would not be let in any more, at once where that is so now. Returns what gives
   * the watch up.
   */
  watch(stay: Watched): () => void
  close(): Promise<void>
}

/** Something that stays open. */
export interface Watched {
  /** As it was when that was opened, perhaps in the eyes of others. */
  readonly principal: Principal
  /** Of the MCP request that opened it, where one did. */
  readonly method?: string
  end(): void
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
  /** Metadata by the path that it is served at. */
  readonly documents: ReadonlyMap<string, object>
}

/** Where everybody is the same: ends what is another's. */
export function onlyOf(own: Principal): Incoming['watch'] {
  return ({ principal, end }) => {
    if (principal.issuer !== own.issuer || principal.subject !== own.subject) end()
    return () => {}
  }
}
