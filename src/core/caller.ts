import type { JsonObject } from './catalog.ts'

/** The two protocol eras: up to 2025-11-25 with `initialize` and sessions, and 2026-07-28, stateless. */
export type Era = 'legacy' | 'modern'

/** Who is asking. Identity is `issuer` and `subject` together (OpenID Connect Core §2). */
export interface Principal {
  readonly issuer: string
  readonly subject: string
  readonly name: string
  readonly claims: JsonObject
  /** Of the access token; absent where there is none. */
  readonly scopes?: ReadonlySet<string>
}

/** Everything that the layers and the backends may know of the one who asks. Immutable. */
export interface Caller {
  readonly principal: Principal
  readonly era: Era
  /** The protocol version spoken with this client. */
  readonly version: string
  /** The legacy client session; `undefined` for modern callers, who have none. */
  readonly session: string | undefined
  /** `clientInfo`: name and version as the client states them. */
  readonly client: JsonObject
  /** The client's declared capabilities, as sent. */
  readonly capabilities: JsonObject
  /** The least severe log message that the client wants; `undefined` where it has not said. */
  readonly logLevel: string | undefined
  /** The request headers that the configuration lets through to backends, names in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

/** The one identity that all callers of an anonymous server share. */
export const ANONYMOUS: Principal = {
  issuer: 'vmcp-local',
  subject: 'anonymous',
  name: 'Anonymous User',
  claims: { sub: 'anonymous', name: 'Anonymous User' },
}

/** Somebody who says nothing of themselves and can be asked nothing. */
export const ANONYMOUS_CALLER: Caller = {
  principal: ANONYMOUS,
  era: 'modern',
  version: '2026-07-28',
  session: undefined,
  client: {},
  capabilities: {},
  logLevel: undefined,
  headers: {},
}

/** The operating system's user, for whoever reaches a server of theirs. */
export function localUser(username: string): Principal {
  return {
    issuer: 'vmcp-local',
    subject: username,
    name: username,
    claims: { sub: username, name: username },
  }
}

/**
 * Whom a server may treat differently by what they come with: an issuer's subject, and the scopes of the token. A
 * refreshed token of the same scopes is the same.
 */
export function identityOf({ issuer, subject, scopes }: Principal): string {
  return JSON.stringify([issuer, subject, ...(scopes === undefined ? [] : [...scopes].sort())])
}
