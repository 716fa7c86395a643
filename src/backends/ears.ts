import type { Aside } from '../core/gateway.ts'

type Listener = (aside: Aside) => void

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
  readonly aside = (session: string, aside: Aside): boolean => {
    const listeners = [...(this.#listeners.get(session) ?? [])]
    for (const listener of aside.kind === 'ask' ? listeners.slice(-1) : listeners) listener(aside)
    return listeners.length > 0
  }
}
