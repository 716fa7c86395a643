/** What a backend may send us, and how long it may take. Tests make them small. */
export interface Limits {
  /** Bytes of one message, and of one JSON reply. */
  readonly messageBytes: number
  /** Bytes kept of a reply that is an HTTP error. */
  readonly errorBytes: number
  /** Bytes of one line on stderr; the rest of it is cut. */
  readonly stderrLineBytes: number
  /** Requests in flight on one connection. */
  readonly pending: number
  /** Bytes that wait for a child that does not read. */
  readonly unreadBytes: number
  readonly pages: number
  readonly entries: number
  /** Between a list and the next one, where the server says only how long the list is fresh. */
  readonly relistMs: number
  /** Between lists of a server that does not tell of changes. */
  readonly pollMs: number
  /** Of all pages of one list. They are parsed, which takes up to twenty times as much memory. */
  readonly listBytes: number
  /** Connecting and listing together. */
  readonly connectMs: number
  /** `server/discover` that is not answered is followed by `initialize` after this. */
  readonly probeMs: number
}

export const LIMITS: Limits = {
  messageBytes: 100 * 1024 * 1024,
  errorBytes: 64 * 1024,
  stderrLineBytes: 8 * 1024,
  pending: 10_000,
  unreadBytes: 64 * 1024 * 1024,
  pages: 10_000,
  entries: 100_000,
  relistMs: 5_000,
  pollMs: 30_000,
  listBytes: 32 * 1024 * 1024,
  connectMs: 30_000,
  probeMs: 5_000,
}
