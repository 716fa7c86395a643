import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually, toolNames } from '../fixtures/ask.ts'
import { type BackendEntry, config } from '../fixtures/config.ts'
import { Stage } from '../fixtures/stage.ts'
import type { Exceptions } from './exceptions.ts'
import { faultsIn, type Outcome, type Revision, runServerScenarios, serverScenarios } from './suite.ts'

export interface Cell {
  /** What the clients speak. */
  readonly revision: Revision
  /** What each backend speaks. */
  readonly backends: readonly ('legacy' | 'modern')[]
  readonly aggregation: object
  readonly scenarios: readonly string[]
  readonly exceptions?: Exceptions
}

/** Names as the backends have them: most scenarios look for theirs. */
export const BARE = { conflictResolution: 'priority', conflictResolutionConfig: { priorityOrder: ['one'] } }

/** All server scenarios of a revision. */
export function allScenarios(revision: Revision): readonly string[] {
  const { scored, unscored } = serverScenarios(revision)
  return [...scored, ...unscored]
}

/** Runs the suite once against a gateway with these backends; then one test for each scenario. */
export function describeCell(name: string, cell: Cell): void {
  describe(name, () => {
    const stage = new Stage()
    let outcome: Outcome
    beforeAll(async () => {
      const url = await startGateway(stage, cell)
      outcome = await runServerScenarios(url, cell.revision, await stage.folder())
    })
    afterAll(() => stage.close())

    test.each(cell.scenarios)('%s', (scenario) => {
      const excepted = cell.exceptions?.[scenario]
      const faults = faultsIn(outcome.get(scenario) ?? [])
      const others = faults.filter((fault) => !excepted?.checks.some((id) => fault.includes(` ${id}: `)))
      expect(others).toEqual([])
      // What no longer fails is no exception any more.
      for (const id of excepted?.checks ?? []) expect(faults.join('\n')).toContain(` ${id}: `)
    })
  })
}

async function startGateway(stage: Stage, { backends, aggregation }: Cell): Promise<string> {
  const names = ['one', 'two']
  const entries: BackendEntry[] = []
  for (const [index, era] of backends.entries()) {
    const { ready } = await stage.server('conformance', { era })
    entries.push({ name: names[index] as string, url: ready, era })
  }
  const { ready } = await stage.gateway({ config: config(entries, { aggregation }) })
  await eventually(async () => expect((await toolNames(ready)).length).toBeGreaterThan(25 * entries.length))
  return ready
}
