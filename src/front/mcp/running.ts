import type { Cancel } from './cancel.ts'

/** The requests in flight of one front. */
export class Running {
  readonly #requests = new Set<Cancel>()
  #idle: (() => void) | undefined

  add(cancel: Cancel): void {
    this.#requests.add(cancel)
  }

  delete(cancel: Cancel): void {
    this.#requests.delete(cancel)
    if (this.#requests.size === 0) this.#idle?.()
  }

  /** Resolves when none is in flight. */
  whenIdle(): Promise<void> {
    if (this.#requests.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#idle = resolve
    })
  }

  abortAll(reason: Error): void {
    for (const cancel of [...this.#requests]) cancel.abort(reason)
  }
}
