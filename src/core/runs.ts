import type { Principal } from './caller.ts'
import type { JsonObject } from './catalog.ts'
import type { RedisConfig } from './limits.ts'
import type { RunStep } from './witness.ts'

/** Where runs of composite tools are kept while they wait for a person. */
export interface RunsConfig {
  readonly store:
    | { readonly type: 'file'; readonly path: string }
    | ({ readonly type: 'redis' } & RedisConfig)
  /** What seals them: a secret itself, from the environment, or the file that it is in. */
  readonly key: { readonly text: string; readonly place: string } | { readonly file: string }
  /** How long a run is kept, from when it began to wait. */
  readonly expireMs: number
  /** Runs that are kept at once. One more is not kept, and runs all the same. */
  readonly max: number
}

/** What is kept of a run, for it to go on where it was interrupted. */
export interface KeptRun {
  readonly id: string
  readonly workflow: string
  /** Stands for the whole of its definition. */
  readonly definition: string
  /** All of them, in the order of declaration. */
  readonly steps: readonly RunStep[]
  /** The arguments, with defaults. */
  readonly params: JsonObject
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  /** How the steps ended that have, by their ids, as the workflow engine has it. */
  readonly ended: Readonly<Record<string, JsonObject>>
  readonly waiting: readonly WaitingStep[]
}

/** A question to a person that is not answered yet. */
export interface WaitingStep {
  readonly step: string
  readonly message: string
  /** Milliseconds since the epoch. */
  readonly since: number
}

/** Keeps runs for their callers. Rejects where the store cannot be asked. */
export interface RunKeeper {
  /** @returns `undefined` where it cannot be kept, because it is too large or there are too many */
  keep(run: KeptRun, owner: Principal): Promise<RunHold | undefined>
  /**
   * @returns `undefined` for what is not kept, or not for this owner
   * @throws GatewayError `config` for a record that does not open: it was changed, or sealed with another key
   */
  find(id: string, owner: Principal): Promise<FoundRun | undefined>
  /** The oldest run of this tool with these arguments that no server waits with any more. */
  orphan(like: Pick<KeptRun, 'workflow' | 'params'>, owner: Principal): Promise<FoundRun | undefined>
}

export interface FoundRun {
  readonly run: KeptRun
  /** Takes the run over, from whatever server has it. @returns `undefined` where another was quicker */
  claim(): Promise<RunHold | undefined>
}

/** The right to go on with a run. Of all servers that share a store, one has it at a time. */
export interface RunHold {
  /** @returns whether the right is still held; without it nothing is kept */
  update(run: KeptRun): Promise<boolean>
  /** The run is kept no longer. @returns whether the right was still held */
  release(): Promise<boolean>
  /** Leaves the run to whoever claims it. */
  leave(): void
}

/** How a step can have ended in a run that goes on. */
export const ENDED_STATUSES = ['completed', 'failed', 'skipped'] as const

/** A run that is kept, without values. */
export interface RunSketch extends Pick<KeptRun, 'id' | 'workflow' | 'steps' | 'startedAt'> {
  /** The status of each step that has ended, by its id. */
  readonly ended: Readonly<Record<string, (typeof ENDED_STATUSES)[number]>>
  readonly waiting: readonly Omit<WaitingStep, 'message'>[]
}

/** What the one who runs the server does with runs that are kept. */
export interface KeptRuns {
  /** Of what does not open there is the id alone. */
  all(): Promise<readonly (RunSketch | { readonly id: string })[]>
  /** @throws GatewayError `config` for a record that does not open */
  open(id: string): Promise<KeptRun | undefined>
  /** @returns whether there was such a run */
  discard(id: string): Promise<boolean>
  /** Closes once the last run that is held has been let go of. */
  retire(): void
  close(): Promise<void>
}
