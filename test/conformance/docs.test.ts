import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ROOT } from '../fixtures/root.ts'
import { CLIENT_EXCEPTIONS, MODERN_TO_LEGACY } from './exceptions.ts'
import { serverScenarios } from './suite.ts'

const page = readFileSync(join(ROOT, 'docs/conformance.md'), 'utf8')

describe('the page on conformance', () => {
  test.each([
    ['2025-11-25', 30, 3],
    ['2026-07-28', 37, 13],
  ] as const)('counts the scenarios of %s: %i and %i', (revision, required, reported) => {
    const { scored, unscored } = serverScenarios(revision)
    expect([scored.length, unscored.length]).toEqual([required, reported])
    expect(page).toContain(`all ${required} that are required`)
  })

  test('has a row for everything that does not hold, with the reason, and no other', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('| `'))
    const expected = Object.entries({ ...MODERN_TO_LEGACY, ...CLIENT_EXCEPTIONS }).map(
      ([scenario, { checks, reason }]) =>
        `| \`${scenario}\` | ${checks?.map((id) => `\`${id}\``).join(' ') ?? 'all'} | ${reason} |`,
    )
    expect(rows).toEqual(expected)
  })
})
