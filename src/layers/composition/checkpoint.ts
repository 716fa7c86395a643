import type { Principal } from '../../core/caller.ts'
import type { JsonObject } from '../../core/catalog.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import type { KeptRun, RunHold, RunKeeper, WaitingStep } from '../../core/runs.ts'
import type { RunEvent } from '../../engines/workflow/index.ts'
import type { Resumed } from './resumed.ts'

interface CheckpointParts {
  readonly keeper: RunKeeper
  readonly owner: Principal
  readonly facts: Pick<KeptRun, 'workflow' | 'definition' | 'steps' | 'params'>
  readonly resumed: Resumed | undefined
  /** Of the run here. */
  readonly control: AbortController
  readonly log: Log
}

/** A run that ends because the server does goes on later. */
function endsWithServer({ signal }: AbortController): boolean {
  return signal.aborted && signal.reason instanceof GatewayError && signal.reason.code === 'unavailable'
}

/**
 * Keeps a run from its first question to a person until nobody is asked any more. An answer counts only where the run is
 * still this server's: another that has taken it over goes on with it, and here it ends.
 */
export class Checkpoint {
  readonly #parts: CheckpointParts
  readonly #waiting = new Map<string, WaitingStep>()
  readonly #ended: Record<string, JsonObject> = Object.create(null)
  #hold: RunHold | undefined
  #id: string
  #startedAt: number
  /** The store is asked one thing at a time. */
  #last: Promise<void> | undefined
  /** Whether the store will be told of all that has ended until then. */
  #toSave = false
  #lost: GatewayError | undefined
  /** Whether the run is still ours, the store did not say. */
  #unsure: GatewayError | undefined

  constructor(parts: CheckpointParts) {
    this.#parts = parts
    const { run, hold } = parts.resumed ?? {}
    this.#hold = hold
    this.#id = run?.id ?? ''
    this.#startedAt = run?.startedAt ?? 0
    Object.assign(this.#ended, run?.ended)
    for (const waiting of run?.waiting ?? []) this.#waiting.set(waiting.step, waiting)
  }

  get id(): string {
    return this.#id
  }

  /** When the run began that is gone on with here; `undefined` where it began here. */
  get resumed(): Pick<KeptRun, 'id' | 'startedAt'> | undefined {
    return this.#parts.resumed?.run
  }

  /** Why the run is not ours any more. */
  get lost(): GatewayError | undefined {
    return this.#lost
  }

  note(event: RunEvent): void {
    if (event.type === 'workflow_started') {
      this.#id = event.run
      this.#startedAt ||= event.at
    } else if (event.type === 'step_completed' || event.type === 'step_skipped')
      this.#end(event.step, event.state)
    else if (event.type === 'step_failed' && event.state.continued) this.#end(event.step, event.state)
  }

  /** A person is asked. What cannot be kept goes on all the same. @throws GatewayError where the run is not ours any more */
  async ask(step: string, message: string): Promise<void> {
    this.#waiting.set(step, { step, message, since: Date.now() })
    await this.#soon(() => this.#save())
    if (this.#lost !== undefined) throw this.#lost
  }

  /** The person is not asked any more, whatever the answer. @throws GatewayError where the run is not ours to go on with */
  async answered(step: string): Promise<void> {
    if (endsWithServer(this.#parts.control)) return
    this.#waiting.delete(step)
    await this.check(this.#soon(() => this.#prove()))
  }

  /** Waits for what the store was asked. @throws GatewayError where the run is not ours to go on with */
  async check(asked = this.#last): Promise<void> {
    await asked
    const objection = this.#lost ?? this.#unsure
    if (objection !== undefined) throw objection
  }

  /** The run has ended here, and is kept only where it ends because the server does. */
  async end(): Promise<void> {
    this.#waiting.clear()
    await this.#soon(() => this.#letGo())
  }

  async #letGo(): Promise<void> {
    const hold = this.#hold
    this.#hold = undefined
    if (hold === undefined) return
    if (endsWithServer(this.#parts.control)) return hold.leave()
    try {
      if (!(await hold.release())) this.#lose()
    } catch (error) {
      this.#tell(error, 'a run that has ended is still kept')
    }
  }

  #end(step: string, state: object): void {
    this.#ended[step] = state as JsonObject
    // What the store is asked just now does not know of it; what it will be asked does.
    if (this.#toSave || (this.#hold === undefined && this.#last === undefined)) return
    this.#toSave = true
    void this.#soon(() => this.#save())
  }

  async #save(): Promise<void> {
    const { keeper, owner } = this.#parts
    this.#toSave = false
    if (this.#waiting.size === 0 || this.#lost !== undefined) return
    try {
      if (this.#hold === undefined) this.#hold = await keeper.keep(this.#run, owner)
      else if (!(await this.#hold.update(this.#run))) this.#lose()
    } catch (error) {
      this.#tell(error, 'a run that waits could not be kept')
    }
  }

  async #prove(): Promise<void> {
    const hold = this.#hold
    if (hold === undefined) return
    // More may be asked and answered while the store is.
    const isLast = this.#waiting.size === 0
    try {
      const isOurs = await (isLast ? hold.release() : hold.update(this.#run))
      if (isLast) this.#hold = undefined
      if (isOurs) this.#unsure = undefined
      else this.#lose()
    } catch (error) {
      this.#tell(error, 'a run that was answered cannot go on')
      this.#unsure = new GatewayError(
        'unavailable',
        `the store of runs does not say whether run ${this.#id} is still to go on here`,
        { cause: error },
      )
    }
  }

  #lose(): void {
    this.#hold = undefined
    const why = `run ${this.#id} does not go on here: it was resumed elsewhere, or has expired`
    this.#lost = new GatewayError('cancelled', why)
    this.#parts.control.abort(this.#lost)
  }

  #soon(work: () => Promise<void>): Promise<void> {
    const done = (this.#last ?? Promise.resolve()).then(work).finally(() => {
      if (this.#last === done) this.#last = undefined
    })
    this.#last = done
    return done
  }

  get #run(): KeptRun {
    const { facts } = this.#parts
    const waiting = [...this.#waiting.values()]
    return { ...facts, id: this.#id, startedAt: this.#startedAt, ended: { ...this.#ended }, waiting }
  }

  #tell(error: unknown, message: string): void {
    const { log, facts } = this.#parts
    log.warn({ run: this.#id, composite: facts.workflow, err: error }, message)
  }
}
