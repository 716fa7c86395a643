import { GatewayError } from './core/errors.ts'
import type { Observer } from './core/witness.ts'
import { RunBook, type RunView } from './observe/run-book.ts'

/** A run without its steps. */
export interface RunSummary extends Omit<RunView, 'steps'> {
  /** How many there are. */
  readonly total: number
}

/** What an operator can know of the runs of composite tools, and do about them. */
export class Runs implements Observer {
  readonly book = new RunBook()
  readonly runWitness = this.book.witness

  /** Those under way first, then the last that have ended. */
  async list(): Promise<{ readonly runs: readonly RunSummary[] }> {
    return { runs: this.book.all().map(({ steps, ...run }) => ({ ...run, total: steps.length })) }
  }

  async find(id: string): Promise<RunView | undefined> {
    return this.book.find(id)
  }

  /** Ends a run. `undefined` where there is none of this id. */
  async cancel(id: string): Promise<{ readonly cancelled: boolean } | undefined> {
    const cancelled = this.book.end(id, endedByOperator())
    return cancelled || this.book.find(id) !== undefined ? { cancelled } : undefined
  }

  async close(): Promise<void> {}
}

function endedByOperator(): GatewayError {
  return new GatewayError('cancelled', 'an operator of this server has ended the run')
}
