import type { Change } from '../core/gateway.ts'

type Listener = (change: Change) => void

/** Who takes what is said to a client session outside of its calls. */
export class Ears {
  readonly #listeners = new Map<string, Set<Listener>>()

  hear(session: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(session) ?? new Set()
    this.#listeners.set(session, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0 && this.#listeners.get(session) === listeners) this.#listeners.delete(session)
    }
  }

  /** A question is put to one listener only. */
  readonly aside = (session: string, change: Change): boolean => {
    const listeners = [...(this.#listeners.get(session) ?? [])]
    for (const listener of change.kind === 'ask' ? listeners.slice(-1) : listeners) listener(change)
    return listeners.length > 0
  }
}
