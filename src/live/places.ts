import { Folders } from './folders.ts'
import { MISSING, signatureOf } from './signature.ts'

export interface WatchTimes {
  /** A change counts once nothing has happened for this long. */
  readonly quietMs: number
  /** Between looks that nothing has led to. */
  readonly lookMs: number
  /** A file that is gone may come back for this long without anything being said. */
  readonly missingMs: number
}

const TIMES: WatchTimes = { quietMs: 150, lookMs: 3_000, missingMs: 2_000 }

/**
 * Says when files or the files in folders have changed, however they are written: in place, by a rename, by a link
 * that leads elsewhere. Hints of the system make it look at once; where there are none, it looks every few seconds.
 */
export class Places {
  /** Once there is something to compare with: what changes from now on is told. */
  readonly begun: Promise<void>
  readonly #changed: () => void
  readonly #times: WatchTimes
  readonly #folders = new Folders(() => this.#soon())
  #paths: readonly string[]
  /** As it was last told, by path. */
  #told: ReadonlyMap<string, string> | undefined
  /** As it was last seen: a change is told once it has been seen twice. */
  #seen = ''
  #missingSince = 0
  #timer: NodeJS.Timeout | undefined
  #due = Number.POSITIVE_INFINITY
  #looking = false
  #closed = false

  constructor(paths: readonly string[], changed: () => void, times: Partial<WatchTimes> = {}) {
    this.#paths = paths
    this.#changed = changed
    this.#times = { ...TIMES, ...times }
    this.begun = this.#look()
  }

  /** Other places from now on. What they are now is what they are known as. */
  follow(paths: readonly string[]): void {
    if (paths.length === this.#paths.length && paths.every((path, at) => path === this.#paths[at])) return
    this.#paths = paths
    this.#told = undefined
    this.#soon()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#folders.close()
  }

  #soon(): void {
    this.#schedule(this.#times.quietMs)
  }

  /** The earlier of what is planned and this: hints without end do not put it off. */
  #schedule(afterMs: number): void {
    const due = performance.now() + afterMs
    if (this.#closed || this.#due <= due) return
    clearTimeout(this.#timer)
    this.#due = due
    this.#timer = setTimeout(() => void this.#look(), afterMs).unref()
  }

  async #look(): Promise<void> {
    this.#due = Number.POSITIVE_INFINITY
    if (this.#looking) return this.#soon()
    this.#looking = true
    try {
      const paths = this.#paths
      await this.#folders.watch(paths)
      const found = new Map(
        await Promise.all(paths.map(async (path) => [path, await signatureOf(path)] as const)),
      )
      if (paths === this.#paths) this.#judge(found)
    } finally {
      this.#looking = false
      this.#schedule(this.#times.lookMs)
    }
  }

  #judge(found: ReadonlyMap<string, string>): void {
    this.#told ??= found
    const seen = JSON.stringify([...found])
    if (seen === JSON.stringify([...this.#told])) {
      this.#seen = seen
      this.#missingSince = 0
      return
    }
    const steady = seen === this.#seen
    this.#seen = seen
    if (!steady || this.#mayComeBack(found)) this.#soon()
    else {
      this.#told = found
      this.#missingSince = 0
      this.#changed()
    }
  }

  #mayComeBack(found: ReadonlyMap<string, string>): boolean {
    const isGone = [...found].some(([path, now]) => now === MISSING && this.#told?.get(path) !== MISSING)
    if (!isGone) return false
    this.#missingSince ||= performance.now()
    return performance.now() - this.#missingSince < this.#times.missingMs
  }
}
