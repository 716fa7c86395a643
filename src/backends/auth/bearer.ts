import type { Headers } from './outgoing.ts'

/** RFC 6750 §2.1. */
export function bearer(headers: Headers, token: string): Headers {
  return { ...headers, authorization: `Bearer ${token}` }
}
