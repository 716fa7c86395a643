import type { Watched } from '../auth/index.ts'
import type { FrontOptions } from '../options.ts'

/** The streams that clients have open, and that bring what belongs to no call. They end once their client would not be let in any more. */
export class Stays {
  readonly #options: Pick<FrontOptions, 'watch'>
  readonly #open = new Map<Watched, () => void>()

  constructor(options: Pick<FrontOptions, 'watch'>) {
    this.#options = options
  }

  get size(): number {
    return this.#open.size
  }

  /** Returns what to call when it is over. */
  begin(stay: Watched): () => void {
    this.#watch(stay)
    return () => {
      this.#open.get(stay)?.()
      this.#open.delete(stay)
    }
  }

  /** Others say who may come in now. */
  judge(): void {
    for (const [stay, forget] of [...this.#open]) {
      forget()
      this.#watch(stay)
    }
  }

  #watch(stay: Watched): void {
    this.#open.set(stay, this.#options.watch?.(stay) ?? nothing)
  }
}

function nothing(): void {}
