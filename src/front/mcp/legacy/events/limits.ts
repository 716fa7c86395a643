/** What is kept of the streams of legacy sessions, for clients that come back. */
export interface EventLimits {
  /** Events of one session. */
  readonly sessionEvents: number
  /** Bytes of one session. */
  readonly sessionBytes: number
  /** Bytes of all sessions of a front. */
  readonly totalBytes: number
  /** A stream that is over, or whose client is away with no call under way, is kept for one to two of these. */
  readonly sweepMs: number
}

export const EVENT_LIMITS: EventLimits = {
  sessionEvents: 1_000,
  sessionBytes: 8 * 1024 * 1024,
  totalBytes: 32 * 1024 * 1024,
  sweepMs: 2 * 60_000,
}

/** What an event takes in memory beside its bytes. */
export const EVENT_OVERHEAD = 512

/** How long clients are asked to wait before they come back. */
export const RETRY_MS = 1_000
