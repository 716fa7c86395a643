import type { RequestRef } from '../core/call.ts'
import { GatewayError } from '../core/errors.ts'
import type { BegunRun, RunSeen, RunSeenType, RunStep, RunWitness } from '../core/witness.ts'

/** `waiting`: for a person to answer. */
export type RunState = 'running' | 'waiting' | 'completed' | 'failed' | 'cancelled' | 'timed_out'

/** A run of a composite tool, without any values. Times are ISO 8601. */
export interface RunView {
  readonly id: string
  readonly workflow: string
  /** The name of whoever called it. */
  readonly caller: string
  readonly state: RunState
  readonly began: string
  /** Until its end, or until now. */
  readonly durationMs: number
  /** Steps that have ended, of all. */
  readonly done: number
  readonly steps: readonly RunStepView[]
  readonly error?: { readonly code: string; readonly message: string }
  /** Whether it has gone on where an earlier server, or another one, left it. */
  readonly resumed?: boolean
}

export interface RunStepView {
  readonly id: string
  readonly type: string
  readonly tool?: string | undefined
  /** `waiting`: for a person to answer. `earlier`: it ended before the run was resumed, and did not run again. */
  readonly status: RunStepStatus
  readonly earlier?: boolean
  readonly began?: string
  readonly durationMs?: number | undefined
  /** Attempts that have failed and were followed by another. */
  readonly retries?: number
  readonly error?: { readonly code: string; readonly message: string }
}

type RunStepStatus = 'pending' | 'running' | 'waiting' | 'completed' | 'failed' | 'skipped' | 'cancelled'

export interface RunBookLimits {
  readonly running: number
  readonly ended: number
}

const LIMITS: RunBookLimits = { running: 10_000, ended: 200 }

/** Of a run under way. It reaches into all that the run holds, and is let go of at its end. */
interface Hold {
  readonly ref: RequestRef | undefined
  readonly end: BegunRun['end']
}

/** As it happens; it becomes a view when somebody looks. */
interface StepRow {
  readonly step: RunStep
  readonly earlier: boolean
  status: RunStepStatus
  at?: number
  durationMs?: number | undefined
  retries?: number
  error?: RunStepView['error']
}

interface Entry extends Pick<RunView, 'id' | 'workflow' | 'caller' | 'error'> {
  readonly at: number
  readonly resumed: boolean
  readonly steps: ReadonlyMap<string, StepRow>
  readonly state: RunState
  readonly durationMs?: number | undefined
}

/** What is known of the runs of composite tools: of those under way, and of the last that have ended. */
export class RunBook {
  readonly #limits: RunBookLimits
  readonly #running = new Map<string, Entry & { readonly hold: Hold }>()
  /** The oldest first. */
  readonly #ended = new Map<string, Entry>()

  constructor(limits: Partial<RunBookLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits }
  }

  readonly witness: RunWitness = (seen) => {
    if (seen.begun !== undefined) return this.#begin(seen, seen.begun)
    const entry = this.#running.get(seen.run)
    // A run that was resumed goes by the same name in another request.
    if (entry === undefined || entry.hold.ref !== seen.ref) return
    if (seen.step === undefined) this.#end(entry, seen)
    else note(seen, entry.steps.get(seen.step.id))
  }

  /** Those under way first, then those that have ended, of each the latest first. */
  all(): RunView[] {
    const latestFirst = (entries: ReadonlyMap<string, Entry>) => [...entries.values()].reverse().map(viewOf)
    return [...latestFirst(this.#running), ...latestFirst(this.#ended)]
  }

  find(id: string): RunView | undefined {
    const entry = this.#running.get(id) ?? this.#ended.get(id)
    return entry && viewOf(entry)
  }

  isUnderWay(id: string): boolean {
    return this.#running.has(id)
  }

  /** Ends a run that is under way. @returns whether it was */
  end(id: string, reason: GatewayError): boolean {
    const entry = this.#running.get(id)
    entry?.hold.end(reason)
    return entry !== undefined
  }

  #begin({ run: id, workflow, caller, ref, at }: RunSeen, begun: BegunRun): void {
    this.end(id, elsewhere())
    this.#running.delete(id)
    this.#ended.delete(id)
    if (this.#running.size >= this.#limits.running) return
    this.#running.set(id, {
      id,
      workflow,
      caller: caller.principal.name,
      at,
      resumed: begun.resumed,
      steps: new Map(begun.steps.map((step) => [step.id, rowOf(step, begun)])),
      state: 'running',
      hold: { ref, end: begun.end },
    })
  }

  #end(
    { hold: _, ...entry }: Entry & { readonly hold: Hold },
    { run, type, durationMs, error }: RunSeen,
  ): void {
    const state = ENDS[type]
    if (state === undefined) return
    this.#running.delete(run)
    this.#ended.set(run, { ...entry, state, durationMs, ...(error && { error }) })
    for (const oldest of this.#ended.keys()) {
      if (this.#ended.size <= this.#limits.ended) break
      this.#ended.delete(oldest)
    }
  }
}

const ENDS: Readonly<Partial<Record<RunSeenType, RunState>>> = {
  workflow_completed: 'completed',
  workflow_failed: 'failed',
  workflow_timed_out: 'timed_out',
  workflow_cancelled: 'cancelled',
}

const STEP_ENDS: Readonly<Partial<Record<RunSeenType, RunStepStatus>>> = {
  step_completed: 'completed',
  step_failed: 'failed',
  step_skipped: 'skipped',
  step_cancelled: 'cancelled',
}

function elsewhere(): GatewayError {
  return new GatewayError('cancelled', 'the run goes on in another request, which has resumed it')
}

function rowOf(step: RunStep, { earlier }: BegunRun): StepRow {
  const ended = earlier.get(step.id)
  if (ended === undefined) return { step, earlier: false, status: 'pending' }
  return { step, earlier: true, status: ended.status, durationMs: ended.durationMs }
}

function note({ type, at, durationMs, error }: RunSeen, row: StepRow | undefined): void {
  if (row === undefined) return
  if (type === 'step_started') {
    row.status = row.step.type === 'elicitation' ? 'waiting' : 'running'
    row.at = at
    return
  }
  if (type === 'step_retrying') row.retries = (row.retries ?? 0) + 1
  else {
    row.status = STEP_ENDS[type] ?? row.status
    row.durationMs = durationMs
  }
  if (error === undefined) delete row.error
  else row.error = error
}

function stepViewOf({ step, earlier, status, at, durationMs, retries, error }: StepRow): RunStepView {
  return {
    ...step,
    status,
    ...(earlier && { earlier }),
    ...(at !== undefined && { began: iso(at) }),
    ...(durationMs !== undefined && { durationMs }),
    ...(retries !== undefined && { retries }),
    ...(error && { error }),
  }
}

function viewOf({ id, workflow, caller, at, resumed, steps, state, durationMs, error }: Entry): RunView {
  const all = [...steps.values()].map(stepViewOf)
  const waits = state === 'running' && all.some(({ status }) => status === 'waiting')
  return {
    id,
    workflow,
    caller,
    state: waits ? 'waiting' : state,
    began: iso(at),
    durationMs: Math.round(durationMs ?? Date.now() - at),
    done: all.filter(({ status }) => !UNENDED.has(status)).length,
    steps: all,
    ...(error && { error }),
    ...(resumed && { resumed }),
  }
}

const UNENDED: ReadonlySet<RunStepStatus> = new Set(['pending', 'running', 'waiting'])

function iso(at: number): string {
  return new Date(at).toISOString()
}
