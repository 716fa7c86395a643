/** Why the configuration that was to be served last is not. */
export interface Refusal {
  readonly at: Date
  readonly message: string
  /** One for each fault, with its place. */
  readonly details: readonly string[]
}

interface Source {
  readonly current: { readonly number: number; readonly since: Date }
}

/** What is known of the configuration that is served, and of the last that was refused since. */
export class History {
  readonly #source: Source
  #refusal: Refusal | undefined

  constructor(source: Source) {
    this.#source = source
  }

  /** From 1, one more with each configuration that takes the place of another. */
  get generation(): number {
    return this.#source.current.number
  }

  /** When it began to be served. */
  get since(): Date {
    return this.#source.current.since
  }

  /** Until another is applied. */
  get refusal(): Refusal | undefined {
    return this.#refusal
  }

  refused(message: string, details: readonly string[]): void {
    this.#refusal = { at: new Date(), message, details }
  }

  accepted(): void {
    this.#refusal = undefined
  }
}
