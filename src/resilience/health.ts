import type { HealthStatus } from '../core/ports.ts'

/** How a backend does, as far as its checks tell. */
export interface Health {
  readonly status: HealthStatus
  /** Failed checks in a row. */
  readonly failures: number
}

/** What became of one check. */
export type Check =
  | { readonly ok: true; readonly slow: boolean }
  /** `unauthenticated`: the server is there and wants credentials that we do not have. */
  | { readonly ok: false; readonly unauthenticated: boolean }

/** A success that took longer is a slow one, in milliseconds. */
export const SLOW_MS = 5_000

export const UNCHECKED: Health = { status: 'unknown', failures: 0 }

/**
 * The first failures leave it open how the backend does, until there are `threshold` in a row; the first success
 * after failures does not yet make it healthy.
 */
export function afterCheck({ failures }: Health, check: Check, threshold: number): Health {
  if (check.ok) return { status: failures > 0 || check.slow ? 'degraded' : 'healthy', failures: 0 }
  const now = failures + 1
  if (check.unauthenticated) return { status: 'unauthenticated', failures: now }
  return { status: now >= threshold ? 'unhealthy' : 'unknown', failures: now }
}
