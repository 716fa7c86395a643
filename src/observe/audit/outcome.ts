import type { ErrorCode } from '../../core/errors.ts'
import type { Ending } from '../../core/witness.ts'

/**
 * `denied`: not allowed, or not now; `failure`: the client asked for what it may not have so, or gave up; `error`: we
 * or the backend could not serve it; `application_error`: the call was made, and tells of an error.
 */
export type AuditOutcome = 'success' | 'failure' | 'error' | 'denied' | 'application_error'

const OUTCOMES: Readonly<Record<ErrorCode, AuditOutcome>> = {
  parse: 'failure',
  invalid_request: 'failure',
  invalid_params: 'failure',
  method_not_found: 'failure',
  not_found: 'failure',
  denied: 'denied',
  unauthenticated: 'denied',
  header_mismatch: 'failure',
  unsupported_version: 'failure',
  capability_required: 'failure',
  too_large: 'failure',
  rate_limited: 'denied',
  unavailable: 'error',
  timeout: 'error',
  cancelled: 'failure',
  bad_gateway: 'error',
  backend: 'application_error',
  conflict: 'error',
  config: 'error',
  internal: 'error',
}

/** @param detects whether errors that tools and backends tell of are told from successes */
export function outcomeOf({ cause, status = 200, result }: Ending, detects: boolean): AuditOutcome {
  const outcome = cause === undefined ? byStatus(status) : OUTCOMES[cause.code]
  if (outcome === 'success' && result?.body.text('isError') === 'true') {
    return detects ? 'application_error' : 'success'
  }
  return outcome === 'application_error' && !detects ? 'success' : outcome
}

function byStatus(status: number): AuditOutcome {
  if (status < 400) return 'success'
  if (status >= 500) return 'error'
  return status === 401 || status === 403 || status === 429 ? 'denied' : 'failure'
}
