export interface GateOptions {
  readonly places: number
  /** A place is given up after this, so that those who hang do not keep the others waiting. */
  readonly holdMs: number
}

/** Lets a few in at a time. */
export class Gate {
  readonly #options: GateOptions
  readonly #waiting: (() => void)[] = []
  #taken = 0

  constructor(options: GateOptions) {
    this.#options = options
  }

  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#taken < this.#options.places) this.#taken++
    else await new Promise<void>((enter) => this.#waiting.push(enter))
    let left = false
    const leave = () => {
      if (left) return
      left = true
      const next = this.#waiting.shift()
      if (next === undefined) this.#taken--
      else next()
    }
    const timer = setTimeout(leave, this.#options.holdMs)
    try {
      return await work()
    } finally {
      clearTimeout(timer)
      leave()
    }
  }
}
