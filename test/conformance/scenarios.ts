import { beforeAll, describe, expect, test } from 'vitest'
import { eventually, toolNames } from '../fixtures/ask.ts'
import { closedAfterAll } from '../fixtures/closed.ts'
import { config } from '../fixtures/config.ts'
import { Stage } from '../fixtures/stage.ts'
import type { Exceptions } from './exceptions.ts'
import {
  faultsIn,
  type Outcome,
  type Revision,
  runServerScenario,
  runServerScenarios,
  serverScenarios,
} from './suite.ts'

export interface ServerRun {
  /** What the clients speak. */
  readonly revision: Revision
  /** Brings up what is tested. @returns its URL */
  readonly start: (stage: Stage) => Promise<string>
  readonly scenarios: readonly string[]
  readonly exceptions?: Exceptions
}

/** Names as the backend has them: most scenarios look for theirs. */
export const BARE = { conflictResolution: 'priority', conflictResolutionConfig: { priorityOrder: ['one'] } }

/** The tests that the suite has no body for yet. */
const EMPTY = ['tasks-status-notifications']

/** This gives some answers half a second, which a busy machine may not have: it is tried again. */
const HASTY = 'server-stateless'
const TRIES = 3

/** Those that conformance to a revision requires, and those that are only reported. */
export function allScenarios(revision: Revision): readonly string[] {
  const { scored, unscored } = serverScenarios(revision)
  return [...scored, ...unscored].filter((name) => !EMPTY.includes(name))
}

/** Runs the suite once; then one test for each scenario. */
export function describeServer(name: string, run: ServerRun): void {
  describe(name, () => {
    const stage = closedAfterAll(new Stage())
    let outcome: Outcome
    beforeAll(async () => {
      const url = await run.start(stage)
      outcome = await runServerScenarios(url, run.revision, await stage.folder())
      await repeatHasty(url, run, outcome)
    })

    test.each(run.scenarios)('%s', (scenario) => {
      const faults = faultsIn(outcome.get(scenario) ?? [])
      const exception = run.exceptions?.[scenario]
      // What no longer fails is no exception any more.
      if (exception === undefined) expect(faults).toEqual([])
      else if (exception.checks === undefined) expect(faults).not.toEqual([])
      else expect(faults.map(({ id }) => id)).toEqual(exception.checks)
    })
  })
}

async function repeatHasty(url: string, run: ServerRun, outcome: Outcome): Promise<void> {
  if (!run.scenarios.includes(HASTY)) return
  for (let tries = 1; tries < TRIES && faultsIn(outcome.get(HASTY) ?? []).length > 0; tries++) {
    const again = { url, revision: run.revision, scenario: HASTY }
    outcome.set(HASTY, await runServerScenario(again))
  }
}

/** A gateway with one backend for each of these eras. */
export function gatewayTo(eras: readonly ('legacy' | 'modern')[], aggregation: object): ServerRun['start'] {
  return async (stage) => {
    const start = async (name: string, era: 'legacy' | 'modern') => {
      const { ready } = await stage.server('conformance', { era })
      return { name, url: ready, era }
    }
    const backends = await Promise.all(eras.map((era, index) => start(['one', 'two'][index] as string, era)))
    const { ready } = await stage.gateway({ config: config(backends, { aggregation }) })
    await eventually(async () => expect((await toolNames(ready)).length).toBeGreaterThan(30 * eras.length))
    return ready
  }
}
