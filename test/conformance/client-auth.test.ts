import { describe, expect, test } from 'vitest'
import { describeClient } from './clients.ts'
import { CLIENT_EXCEPTIONS } from './exceptions.ts'
import { clientScenarios, type Revision } from './suite.ts'

// The gateway as an OAuth client of the suite: `vmcp login` by an operator who agrees to everything.

/** How many checks of a scenario must have succeeded; the suite itself asks for those that it is about. */
const SUCCESSES: Readonly<Record<string, number>> = {
  'auth/basic-cimd': 10,
  'auth/scope-step-up': 16,
  'auth/scope-retry-limit': 8,
  'auth/pre-registration': 10,
  'auth/resource-mismatch': 2,
  'auth/offline-access-scope': 10,
  'auth/authorization-server-migration': 18,
  'auth/iss-supported-missing': 6,
  'auth/iss-wrong-issuer': 6,
  'auth/iss-unexpected': 6,
  'auth/iss-normalized': 6,
  'auth/metadata-issuer-mismatch': 2,
  'auth/client-credentials-basic': 3,
}
const ELSE = 12

const REVISIONS: readonly Revision[] = ['2025-11-25', '2026-07-28']

/** All that a revision has on authorization, those included that are only reported. */
function about(revision: Revision): string[] {
  const { scored, unscored } = clientScenarios(revision)
  return [...scored, ...unscored].filter((name) => name.startsWith('auth/'))
}

describe.each(REVISIONS)('what is left out of the scenarios of %s', (revision) => {
  test('is not required, and stands among the exceptions with its reason', () => {
    const { scored } = clientScenarios(revision)
    expect(scored.filter((name) => CLIENT_EXCEPTIONS[name] !== undefined)).toEqual([])
    const names = about(revision)
    for (const name of Object.keys(CLIENT_EXCEPTIONS)) expect(names).toContain(name)
  })
})

for (const revision of REVISIONS)
  describeClient(
    'the gateway as an OAuth client',
    about(revision)
      .filter((name) => CLIENT_EXCEPTIONS[name] === undefined)
      .map((name) => [revision, name, SUCCESSES[name] ?? ELSE] as const),
  )
