/** What an `AbortSignal` has that most need; one is a signal. */
export interface Signal {
  readonly aborted: boolean
  readonly reason: unknown
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once: true }): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** Hears of the abort once, at once where it was before. Returns what takes the listener away. */
export function onAbort(signal: Signal, listener: () => void): () => void {
  if (signal.aborted) {
    listener()
    return () => {}
  }
  signal.addEventListener('abort', listener, { once: true })
  return () => signal.removeEventListener('abort', listener)
}

/** As an `AbortController`, at a fraction of what one costs whose signal is listened to: for work of which there is a lot. */
export class LightController {
  readonly signal: LightSignal = new LightSignal()

  abort(reason: unknown): void {
    fire(this.signal, reason)
  }
}

let fire: (signal: LightSignal, reason: unknown) => void

/** Listeners hear of the abort in their order. They do not throw. */
export class LightSignal implements Signal {
  #aborted = false
  #reason: unknown
  #listeners: (() => void)[] | undefined
  #real: AbortController | undefined

  static {
    fire = (signal, reason) => signal.#fire(reason)
  }

  get aborted(): boolean {
    return this.#aborted
  }

  get reason(): unknown {
    return this.#reason
  }

  /** The same as an `AbortSignal`, which is made when it is first asked for. */
  get real(): AbortSignal {
    if (this.#real === undefined) {
      this.#real = new AbortController()
      if (this.#aborted) this.#real.abort(this.#reason)
    }
    return this.#real.signal
  }

  /** How many listen. */
  get listening(): number {
    return this.#listeners?.length ?? 0
  }

  addEventListener(_: 'abort', listener: () => void): void {
    if (this.#aborted) return
    if (this.#listeners === undefined) this.#listeners = [listener]
    else this.#listeners.push(listener)
  }

  removeEventListener(_: 'abort', listener: () => void): void {
    const at = this.#listeners?.indexOf(listener) ?? -1
    if (at >= 0) this.#listeners?.splice(at, 1)
  }

  #fire(reason: unknown): void {
    if (this.#aborted) return
    this.#aborted = true
    this.#reason = reason
    this.#real?.abort(reason)
    for (let next = this.#listeners?.shift(); next !== undefined; next = this.#listeners?.shift()) next()
  }
}

/** For those who take nothing else. */
export function realSignal(signal: Signal): AbortSignal {
  return signal instanceof LightSignal ? signal.real : (signal as AbortSignal)
}
