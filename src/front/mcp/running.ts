/** The requests in flight of one front. */
export class Running {
  readonly #controllers = new Set<AbortController>()
  #idle: (() => void) | undefined

  add(controller: AbortController): void {
    this.#controllers.add(controller)
  }

  delete(controller: AbortController): void {
    this.#controllers.delete(controller)
    if (this.#controllers.size === 0) this.#idle?.()
  }

  /** Resolves when none is in flight. */
  whenIdle(): Promise<void> {
    if (this.#controllers.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#idle = resolve
    })
  }

  abortAll(reason: Error): void {
    for (const controller of [...this.#controllers]) controller.abort(reason)
  }
}
