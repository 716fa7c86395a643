import type { Exchange, RequestRef } from '../../core/call.ts'
import type { Caller } from '../../core/caller.ts'
import type { Gateway } from '../../core/gateway.ts'
import type { Log } from '../../core/log.ts'
import type { RunKeeper } from '../../core/runs.ts'
import type { RunWitness } from '../../core/witness.ts'
import type { Templates } from '../../engines/workflow/index.ts'
import type { Exposed } from './exposure.ts'
import type { StepRefs } from './step-refs.ts'

/** One call of a composite tool. */
export interface Invocation {
  readonly exposed: Exposed
  /** Where steps call their tools. */
  readonly inner: Gateway
  readonly caller: Caller
  readonly exchange: Exchange
  /** Whether the client wants to hear of the progress. */
  readonly progress: boolean
  /** Of the run. */
  readonly ref: RequestRef | undefined
  readonly stepRefs: StepRefs
  readonly templates: Templates
  readonly log: Log
  /** `undefined` where nobody looks. */
  readonly witness: RunWitness | undefined
  /** `undefined` where runs are not kept. */
  readonly keeper: RunKeeper | undefined
}
