import { describe, expect, it } from 'vitest'
import { afterCheck, type Check, type Health, UNCHECKED } from './health.ts'

const OK: Check = { ok: true, slow: false }
const SLOW: Check = { ok: true, slow: true }
const FAILED: Check = { ok: false, unauthenticated: false }
const REFUSED: Check = { ok: false, unauthenticated: true }

/** The status after each of the checks, with a threshold of 3. */
function statuses(...checks: Check[]): string[] {
  let health: Health = UNCHECKED
  return checks.map((check) => {
    health = afterCheck(health, check, 3)
    return health.status
  })
}

describe('a backend', () => {
  it('is healthy from its first good answer on', () => {
    expect(statuses(OK, OK)).toEqual(['healthy', 'healthy'])
  })

  it('is unhealthy from the threshold on, and unknown until then', () => {
    expect(statuses(OK, FAILED, FAILED, FAILED, FAILED)).toEqual([
      'healthy',
      'unknown',
      'unknown',
      'unhealthy',
      'unhealthy',
    ])
  })

  it('is degraded for one check when it comes back', () => {
    expect(statuses(FAILED, FAILED, FAILED, OK, OK)).toEqual([
      'unknown',
      'unknown',
      'unhealthy',
      'degraded',
      'healthy',
    ])
    expect(statuses(OK, FAILED, OK, OK)).toEqual(['healthy', 'unknown', 'degraded', 'healthy'])
  })

  it('is degraded while it is slow', () => {
    expect(statuses(SLOW, SLOW, OK)).toEqual(['degraded', 'degraded', 'healthy'])
  })

  it('is unauthenticated when it wants credentials, whatever the threshold', () => {
    expect(statuses(REFUSED, OK, OK)).toEqual(['unauthenticated', 'degraded', 'healthy'])
  })

  it('is counted failures in a row only', () => {
    expect(statuses(FAILED, FAILED, OK, FAILED, FAILED)).toEqual([
      'unknown',
      'unknown',
      'degraded',
      'unknown',
      'unknown',
    ])
  })
})
