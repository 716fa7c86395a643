/** Values of a reader who is slow, beyond which it is added none. */
const MOST_WAITING = 1_000

/**
 * Values published to any number of subscribers. A subscriber that is slow gets the latest value of each
 * key, not a growing queue, so its memory is bounded by the number of keys.
 */
export class Topic<T> {
  readonly #keyOf: (value: T) => string
  readonly #subscribers = new Set<Mailbox<T>>()
  #closed = false

  constructor(keyOf: (value: T) => string) {
    this.#keyOf = keyOf
  }

  publish(value: T): void {
    for (const subscriber of this.#subscribers) subscriber.push(this.#keyOf(value), value)
  }

  /** Subscribes at once: nothing published after this call is missed, whenever the iteration begins. */
  subscribe(signal: AbortSignal): Mailbox<T> {
    const subscriber = new Mailbox<T>(() => this.#subscribers.delete(subscriber))
    if (this.#closed || signal.aborted) subscriber.end()
    else {
      this.#subscribers.add(subscriber)
      const end = () => subscriber.end()
      signal.addEventListener('abort', end, { once: true })
      subscriber.onEnd(() => signal.removeEventListener('abort', end))
    }
    return subscriber
  }

  /** Ends every subscription, and those to come. */
  close(): void {
    this.#closed = true
    for (const subscriber of this.#subscribers) subscriber.end()
  }
}

/** What one subscriber has still to read, the latest value of each key. */
export class Mailbox<T> implements AsyncIterable<T>, AsyncIterator<T> {
  readonly #pending = new Map<string, T>()
  readonly #endings: (() => void)[]
  #waiting: (() => void)[] = []
  #ended = false
  #added = 0

  constructor(onEnd: () => void) {
    this.#endings = [onEnd]
  }

  /** Hears of the end, at once where it was before. */
  onEnd(callback: () => void): void {
    if (this.#ended) callback()
    else this.#endings.push(callback)
  }

  push(key: string, value: T): void {
    this.#pending.set(key, value)
    this.#wake()
  }

  /** Adds a value that stands for itself. @returns false when too many are waiting already, or nobody reads any more */
  add(value: T): boolean {
    if (this.#ended || this.#pending.size >= MOST_WAITING) return false
    this.push(`#${++this.#added}`, value)
    return true
  }

  end(): void {
    if (this.#ended) return
    this.#ended = true
    for (const callback of this.#endings) callback()
    this.#wake()
  }

  async next(): Promise<IteratorResult<T>> {
    for (;;) {
      const first = this.#pending.entries().next()
      if (!first.done) {
        this.#pending.delete(first.value[0])
        return { done: false, value: first.value[1] }
      }
      if (this.#ended) return { done: true, value: undefined }
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  async return(): Promise<IteratorResult<T>> {
    this.end()
    this.#pending.clear()
    return { done: true, value: undefined }
  }

  #wake(): void {
    for (const resume of this.#waiting.splice(0)) resume()
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    return this
  }
}
