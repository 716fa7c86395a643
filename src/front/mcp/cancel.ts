/**
 * What ends a request early. It does what an AbortController does, and makes the signal only when somebody
 * wants one: a signal costs as much as all the rest that the front does for a small call.
 */
export class Cancel {
  #aborted = false
  #reason: Error | undefined
  /** Nearly every request has one listener, and no other. */
  #first: (() => void) | undefined
  #others: Set<() => void> | undefined
  #controller: AbortController | undefined

  get aborted(): boolean {
    return this.#aborted
  }

  /** Why we ended it; `undefined` when the client did. */
  get reason(): Error | undefined {
    return this.#reason
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#aborted) this.#controller.abort(this.#reason)
    }
    return this.#controller.signal
  }

  /** Calls the listener once, at the abort, or at once where that was before. Returns what takes it away. */
  onAbort(listener: () => void): () => void {
    if (this.#aborted) {
      listener()
      return () => {}
    }
    if (this.#first === undefined) this.#first = listener
    else {
      this.#others ??= new Set()
      this.#others.add(listener)
    }
    return () => this.#forget(listener)
  }

  abort(reason?: Error): void {
    if (this.#aborted) return
    this.#aborted = true
    this.#reason = reason
    this.#controller?.abort(reason)
    const listeners = [...(this.#first === undefined ? [] : [this.#first]), ...(this.#others ?? [])]
    this.#first = undefined
    this.#others = undefined
    for (const listener of listeners) listener()
  }

  #forget(listener: () => void): void {
    if (this.#first === listener) this.#first = undefined
    else this.#others?.delete(listener)
  }
}
