/** Those who wait for something to change. */
export class Waiting {
  readonly #wakers = new Set<() => void>()

  wake(): void {
    for (const waker of [...this.#wakers]) waker()
  }

  /** Resolves at the next change, when the signal fires, or after `withinMs`; which of them is not said. */
  next(signal: AbortSignal, withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        this.#wakers.delete(done)
        resolve()
      }
      const timer = setTimeout(done, withinMs)
      signal.addEventListener('abort', done)
      this.#wakers.add(done)
    })
  }
}
