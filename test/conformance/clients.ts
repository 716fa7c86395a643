import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROOT } from '../fixtures/root.ts'
import { Stage } from '../fixtures/stage.ts'
import { type Check, faultsIn, type Revision, runClientScenario, successesIn } from './suite.ts'

/** Of a revision, a scenario, and how many of its checks must have succeeded. */
export type ClientScenario = readonly [Revision, string, number]

const DRIVER = join(ROOT, '.cache/tools/programs/conformance-client/main.js')
const AT_A_TIME = 3

/** Runs each scenario once, some at a time; then one test for each. */
export function describeClient(name: string, scenarios: readonly ClientScenario[]): void {
  const stage = new Stage()
  const outcome = new Map<string, readonly Check[]>()
  beforeAll(async () => {
    const folder = await stage.folder()
    const waiting = [...scenarios]
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

  describe(name, () => {
    test.each(scenarios)('of %s: %s', (revision, scenario, successes) => {
      const checks = outcome.get(`${revision} ${scenario}`) ?? []
      expect(faultsIn(checks.filter(({ status }) => status !== 'SKIPPED'))).toEqual([])
      expect(successesIn(checks)).toBeGreaterThanOrEqual(successes)
    })
  })
}
