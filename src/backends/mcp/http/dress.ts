import type { Credentials, Headers, Sendable } from '../../auth/index.ts'

/** Credentials, configured headers, and the caller's own that are let through. */
export interface Dress {
  readonly credentials: Credentials
  headers(request: Sendable, url: URL): Headers | Promise<Headers>
}
