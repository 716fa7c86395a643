import type { KeptRun, RunHold } from '../../core/runs.ts'
import { type EndedState, isEnded } from '../../engines/workflow/index.ts'

/** A kept run that is taken over. */
export interface Resumed {
  readonly run: KeptRun
  readonly hold: RunHold
  readonly earlier: ReadonlyMap<string, EndedState>
}

/** How the steps of a kept run ended; `undefined` where that was written in a way that this server does not know. */
export function endedIn({ ended }: KeptRun): ReadonlyMap<string, EndedState> | undefined {
  const states = new Map<string, EndedState>()
  for (const [step, state] of Object.entries(ended)) {
    if (!isEnded(state)) return undefined
    states.set(step, state)
  }
  return states
}
