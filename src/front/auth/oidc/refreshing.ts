export interface RefreshingOptions<T> {
  readonly load: () => Promise<T>
  /** After this it is loaded anew, while the old one serves on. */
  readonly maxAgeMs: number
  /** After this the old one is no longer good, whatever becomes of loading. */
  readonly maxStaleMs: number
  /** Between two attempts after one that has failed. */
  readonly retryMs: number
  readonly onFailed: (error: unknown) => void
}

/** Something from elsewhere: loaded once it is needed, kept, and renewed in the background. */
export class Refreshing<T> {
  readonly #options: RefreshingOptions<T>
  #value: { readonly it: T; readonly at: number } | undefined
  #failure: { readonly error: unknown; readonly at: number } | undefined
  #loading: Promise<T> | undefined

  constructor(options: RefreshingOptions<T>) {
    this.#options = options
  }

  /** @throws what loading it has come to, now or a moment ago */
  async get(): Promise<T> {
    const { maxAgeMs, maxStaleMs } = this.#options
    const value = this.#value
    const age = value === undefined ? Number.POSITIVE_INFINITY : performance.now() - value.at
    if (value !== undefined && age < maxAgeMs) return value.it
    if (value === undefined || age > maxStaleMs) return this.#loadUnlessFailed()
    if (!this.#hasJustFailed()) this.reload().catch(() => {})
    return value.it
  }

  /** Loads it anew; once for all who want that at the same time. */
  reload(): Promise<T> {
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined
    })
    return this.#loading
  }

  async #loadUnlessFailed(): Promise<T> {
    if (this.#loading === undefined && this.#hasJustFailed()) throw this.#failure?.error
    return this.reload()
  }

  #hasJustFailed(): boolean {
    return this.#failure !== undefined && performance.now() - this.#failure.at < this.#options.retryMs
  }

  async #load(): Promise<T> {
    try {
      const it = await this.#options.load()
      this.#value = { it, at: performance.now() }
      this.#failure = undefined
      return it
    } catch (error) {
      this.#failure = { error, at: performance.now() }
      this.#options.onFailed(error)
      throw error
    }
  }
}
