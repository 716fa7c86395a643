import { onAbort } from '../core/abort.ts'

const FIRST_MS = 1_000
const LONGEST_MS = 30_000

/** The wait before an attempt: none after the first failure, then 1 s doubling to 30 s, give or take a quarter. */
export function backoff(failures: number, random: () => number = Math.random): number {
  if (failures <= 1) return 0
  const base = Math.min(FIRST_MS * 2 ** (failures - 2), LONGEST_MS)
  return Math.round(base * (0.75 + 0.5 * random()))
}

/** A wait that can be cut short. */
export class Pause {
  #finish: (() => void) | undefined

  get isOn(): boolean {
    return this.#finish !== undefined
  }

  /** Resolves after `ms`, when the signal fires, or at `end`. */
  begin(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.end(), ms).unref()
      const forget = onAbort(signal, () => this.end())
      const finish = () => {
        clearTimeout(timer)
        forget()
        this.#finish = undefined
        resolve()
      }
      if (signal.aborted) finish()
      else this.#finish = finish
    })
  }

  /** @returns whether there was anything to end */
  end(): boolean {
    const finish = this.#finish
    finish?.()
    return finish !== undefined
  }
}
