interface Trouble {
  readonly error: unknown
  /** By `performance.now()`: until when nothing else is tried. */
  readonly until: number
  readonly times: number
  readonly isRefused: boolean
}

const NONE: Trouble = { error: undefined, until: 0, times: 0, isRefused: false }
const MOST = 1_000
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 15_000

/** What went wrong last with tokens, by their names; of too many, the oldest are forgotten. */
export class Troubles {
  readonly #troubles = new Map<string, Trouble>()

  /** `error` for as long as it would be of no use to try again. */
  of(key: string): Pick<Trouble, 'error' | 'isRefused'> {
    const { error, until, isRefused } = this.#troubles.get(key) ?? NONE
    return { error: performance.now() < until ? error : undefined, isRefused }
  }

  /** A token could not be got. */
  failed(key: string, error: unknown): void {
    const { times, isRefused } = this.#troubles.get(key) ?? NONE
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** times, LONGEST_PAUSE_MS)
    this.#set(key, { error, until: performance.now() + pause, times: times + 1, isRefused })
  }

  /** A token was refused by the one that it is for. */
  refused(key: string): void {
    this.#set(key, { ...NONE, isRefused: true })
  }

  over(key: string): void {
    this.#troubles.delete(key)
  }

  #set(key: string, trouble: Trouble): void {
    this.#troubles.delete(key)
    this.#troubles.set(key, trouble)
    for (const oldest of this.#troubles.keys()) {
      if (this.#troubles.size <= MOST) return
      this.#troubles.delete(oldest)
    }
  }
}
