/** By scenario: what of it cannot hold between two eras, and why. Every line is a row of docs/conformance.md. */
export type Exceptions = Readonly<Record<string, Exception>>

export interface Exception {
  /** In the suite's order; the whole scenario when absent. */
  readonly checks?: readonly string[]
  readonly reason: string
}

const NO_TASKS: Exception = {
  reason: 'The tasks extension is of 2026-07-28; the tasks of 2025-11-25 are others and do not translate.',
}

export const MODERN_TO_LEGACY: Exceptions = {
  'input-required-result-basic-elicitation': {
    checks: ['sep-2322-elicitation-incomplete'],
    reason: 'Looks for the key of a question. Those of 2025-11-25 have none, so the gateway makes one up.',
  },
  'input-required-result-ignore-extra-params': {
    checks: ['sep-2322-ignore-unexpected-params'],
    reason: 'Answers before it is asked, under a key that no question of 2025-11-25 has.',
  },
  'tasks-lifecycle': NO_TASKS,
  'tasks-capability-negotiation': NO_TASKS,
  'tasks-wire-fields': NO_TASKS,
  'tasks-request-state-removal': NO_TASKS,
  'tasks-mrtr-input': NO_TASKS,
  'tasks-request-headers': NO_TASKS,
  'tasks-dispatch-and-envelope': NO_TASKS,
  'tasks-required-task-error': NO_TASKS,
  'tasks-mrtr-composition': NO_TASKS,
}

const NO_PROOF: Exception = {
  reason:
    'Tokens that are bound to a key (DPoP) are an extension that the gateway does not have; tokens are bearer tokens.',
}

/** Scenarios for clients that are not run. None of them is required by a revision. */
export const CLIENT_EXCEPTIONS: Exceptions = {
  'auth/client-credentials-jwt': {
    reason:
      'The strategy `client_credentials` has a secret; it does not sign assertions with a key of its own (`private_key_jwt`).',
  },
  'auth/enterprise-managed-authorization': {
    reason:
      'The strategy `xaa` is for callers whose token was verified, and the identity provider of the suite publishes no keys to verify its tokens by.',
  },
  'auth/dpop': NO_PROOF,
  'auth/dpop-nonce': NO_PROOF,
  'auth/wif-jwt-bearer': {
    reason:
      'A token of the workload in the place of a client (workload identity federation) is an extension that the gateway does not have.',
  },
}
