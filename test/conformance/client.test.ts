import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROOT } from '../fixtures/root.ts'
import { Stage } from '../fixtures/stage.ts'
import { type Check, faultsIn, type Revision, runClientScenario, successesIn } from './suite.ts'

// The gateway as a client: the suite is the backend, and a client of the gateway has it do what the scenario wants.

const DRIVER = join(ROOT, '.cache/tools/test/fixtures/conformance-client/main.js')

/** How many checks of each scenario must have succeeded: what a client never did is only skipped. */
const SCENARIOS: readonly [Revision, string, number][] = [
  ['2025-11-25', 'initialize', 1],
  ['2025-11-25', 'tools_call', 1],
  ['2025-11-25', 'elicitation-sep1034-client-defaults', 5],
  ['2025-11-25', 'sse-retry', 3],
  ['2025-11-25', 'json-schema-2020-12-preservation', 5],
  ['2026-07-28', 'tools_call', 1],
  ['2026-07-28', 'request-metadata', 8],
  ['2026-07-28', 'sep-2322-client-request-state', 5],
  ['2026-07-28', 'http-standard-headers', 9],
  ['2026-07-28', 'http-custom-headers', 18],
  ['2026-07-28', 'http-invalid-tool-headers', 12],
  ['2026-07-28', 'json-schema-ref-no-deref', 1],
  ['2026-07-28', 'json-schema-2020-12-preservation', 8],
]

const AT_A_TIME = 3

const stage = new Stage()
const outcome = new Map<string, readonly Check[]>()
beforeAll(async () => {
  const folder = await stage.folder()
  const waiting = [...SCENARIOS]
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [revision, scenario] = next
      const run = { scenario, revision, command: [process.execPath, DRIVER] }
      outcome.set(`${revision} ${scenario}`, await runClientScenario(run, join(folder, revision)))
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, work))
})
afterAll(() => stage.close())

describe('the gateway as a client', () => {
  test.each(SCENARIOS)('of %s: %s', (revision, scenario, successes) => {
    const checks = outcome.get(`${revision} ${scenario}`) ?? []
    expect(faultsIn(checks.filter(({ status }) => status !== 'SKIPPED'))).toEqual([])
    expect(successesIn(checks)).toBeGreaterThanOrEqual(successes)
  })
})
