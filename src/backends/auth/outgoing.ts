import type { Caller } from '../../core/caller.ts'
import type { Log } from '../../core/log.ts'
import type { OutgoingAuthConfig } from '../../core/outgoing-auth-config.ts'
import type { Keyring } from './keyring.ts'

/** HTTP headers, names in lower case. */
export type Headers = Readonly<Record<string, string>>

/** One request to a backend, before it has credentials. */
export interface Sendable {
  readonly method: 'POST' | 'GET' | 'DELETE'
  readonly body: Buffer | null
  /**
   * Absent for what the gateway asks on its own behalf: probes, and what it is listed itself. That never uses a user's
   * credential. What a caller is listed, and what keeps a connection of theirs, is asked for as the caller.
   */
  readonly caller: Caller | undefined
}

/** What a backend answered to a request with credentials. */
export interface Refusal {
  readonly status: 401 | 403
  /** Its `WWW-Authenticate` (RFC 9110 §11.6.1), as sent. */
  readonly challenge: string | undefined
  /** The headers of that request, credentials included. */
  readonly sent: Headers
  readonly caller: Caller | undefined
}

/** The credentials of one backend. */
export interface Credentials {
  /** Whether they are the caller's: the backend may then treat, and list, each caller differently. */
  readonly ofCaller: boolean
  /**
   * The headers with the credentials added.
   * @throws GatewayError `unauthenticated` where the caller has nothing to make credentials of; any other Error, whose
   * message is shown to the client, where they cannot be had now
   */
  authorize(headers: Headers, request: Sendable, url: URL): Headers | Promise<Headers>
  /**
   * Forgets what the backend refused. Absent where nothing else could be sent.
   * @returns whether there may be other credentials now, worth one more try
   */
  refused?(refusal: Refusal): Promise<boolean>
  /** What the operator must do about a refusal that stands; a clause without an end mark, and without secrets. */
  advice?(refusal: Refusal): string
  close?(): Promise<void>
}

/** What all strategies get. */
export interface CredentialsContext {
  /** Tokens, and what gets them. */
  readonly keyring: Keyring
  /** The backend's name. */
  readonly backend: string
  readonly url: string
  /** PEM file with authorities that are trusted beside the usual ones. */
  readonly caBundlePath?: string | undefined
  readonly log: Log
  /** To be called where there are credentials after there were none. */
  readonly renewed?: (() => void) | undefined
}

/** One way to authenticate to a backend. */
export interface OutgoingAuth<Type extends OutgoingAuthConfig['type'] = OutgoingAuthConfig['type']> {
  readonly type: Type
  create(config: Extract<OutgoingAuthConfig, { type: Type }>, context: CredentialsContext): Credentials
}
