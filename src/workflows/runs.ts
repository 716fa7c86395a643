import { GatewayError } from '../core/errors.ts'
import type { KeptRun, KeptRuns, RunKeeper, RunSketch } from '../core/runs.ts'
import type { Observer } from '../core/witness.ts'
import { RunBook, type RunStepView, type RunView } from '../observe/run-book.ts'

/** A run without its steps. */
export interface RunSummary extends Omit<RunView, 'steps'> {
  /** How many there are. */
  readonly total: number
  /** Kept for whoever resumes it; no server waits with it, or another does. */
  readonly kept?: boolean
}

export interface RunList {
  readonly runs: readonly RunSummary[]
  /** Why those are not among them that are kept and under way nowhere. */
  readonly storeError?: string
}

/** Where runs are kept while they wait for a person. */
export type RunStore = RunKeeper & KeptRuns

/** What an operator can know of the runs of composite tools, and do about them. */
export class Runs implements Observer {
  readonly book = new RunBook()
  readonly runWitness = this.book.witness
  /** Absent where runs are not kept. */
  store: RunStore | undefined

  /** Those under way first, then those that are kept, then the last that have ended. */
  async list(): Promise<RunList> {
    const known = this.book.all().map(({ steps, ...run }) => ({ ...run, total: steps.length }))
    const { runs, error } = await this.#stored()
    const kept = runs.map(({ steps, ...run }) => ({ ...run, total: steps.length, kept: true }))
    const isUnderWay = ({ state }: RunSummary) => state === 'running' || state === 'waiting'
    const ended = known.filter((run) => !isUnderWay(run) && !kept.some(({ id }) => id === run.id))
    const all = [...known.filter(isUnderWay), ...kept, ...ended]
    return error === undefined ? { runs: all } : { runs: all, storeError: error }
  }

  async find(id: string): Promise<RunView | undefined> {
    const { runs } = await this.#stored()
    return runs.find((it) => it.id === id) ?? this.book.find(id)
  }

  /** Ends a run, or keeps it no longer. `undefined` where there is none of this id. */
  async cancel(id: string): Promise<{ readonly cancelled: boolean } | undefined> {
    const ended = this.book.end(id, endedByOperator())
    const cancelled = ended || (await this.store?.discard(id)) === true
    return cancelled || this.book.find(id) !== undefined ? { cancelled } : undefined
  }

  /** What it takes to go on with a kept run. It has values of the run, which may be secret. */
  async resumption(id: string): Promise<Pick<KeptRun, 'id' | 'workflow' | 'params' | 'waiting'> | undefined> {
    const run = await this.store?.open(id)
    return run && { id: run.id, workflow: run.workflow, params: run.params, waiting: run.waiting }
  }

  async close(): Promise<void> {
    await this.store?.close()
  }

  /** Those that are not under way here, or why they cannot be told. */
  async #stored(): Promise<{ readonly runs: readonly RunView[]; readonly error?: string }> {
    try {
      const all = (await this.store?.all()) ?? []
      return { runs: all.filter(({ id }) => !this.book.isUnderWay(id)).map(viewOf) }
    } catch (error) {
      return { runs: [], error: error instanceof Error ? error.message : String(error) }
    }
  }
}

function viewOf(run: RunSketch | { readonly id: string }): RunView {
  const { id } = run
  const unknown = { id, workflow: '?', caller: '', state: 'waiting', began: '' } as const
  if (!('workflow' in run)) return { ...unknown, durationMs: 0, done: 0, steps: [] }
  const { workflow, startedAt, ended, steps } = run
  return {
    ...unknown,
    workflow,
    began: new Date(startedAt).toISOString(),
    durationMs: Math.round(Date.now() - startedAt),
    done: Object.keys(ended).length,
    steps: steps.map((step) => ({ ...step, ...statusOf(step.id, run) })),
  }
}

/** What was under way beside the question will be again. */
function statusOf(
  step: string,
  { ended, waiting }: RunSketch,
): Pick<RunStepView, 'status' | 'earlier' | 'began'> {
  const status = ended[step]
  if (status !== undefined) return { status, earlier: true }
  const since = waiting.find((it) => it.step === step)?.since
  return since === undefined
    ? { status: 'pending' }
    : { status: 'waiting', began: new Date(since).toISOString() }
}

function endedByOperator(): GatewayError {
  return new GatewayError('cancelled', 'an operator of this server has ended the run')
}
