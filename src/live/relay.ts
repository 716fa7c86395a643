import type { Caller } from '../core/caller.ts'
import type { Catalog } from '../core/catalog.ts'
import type { Differences } from '../core/differences.ts'
import type { Change, Gateway } from '../core/gateway.ts'

export interface RelayOptions {
  readonly caller: Caller
  readonly signal: AbortSignal
  readonly differences: Differences
  readonly onEnd: (relay: Relay) => void
}

/**
 * What changes for one caller, over gateways that take each other's place. Where one does, the caller is told of the
 * lists in which the two differ.
 */
export class Relay implements AsyncIterableIterator<Change> {
  readonly #options: RelayOptions
  #gateway: Gateway
  #source: AsyncIterator<Change>
  /** Those to read when the present one has ended. */
  #coming: AsyncIterator<Change>[] | undefined
  /** The gateway whose lists the caller has been told of last, where that is not the present one. */
  #behind: Gateway | undefined
  #found: Change[] | undefined

  constructor(gateway: Gateway, options: RelayOptions) {
    this.#gateway = gateway
    this.#options = options
    this.#source = this.#watch()
  }

  /** From now on another gateway counts. What the one before has still to tell is told first; it has to end. */
  move(next: Gateway): void {
    this.#behind ??= this.#gateway
    this.#gateway = next
    this.#coming ??= []
    this.#coming.push(this.#watch())
  }

  async next(): Promise<IteratorResult<Change>> {
    for (;;) {
      const found = this.#found?.shift()
      if (found !== undefined) return { done: false, value: found }
      const result = await this.#source.next()
      if (!result.done) return result
      const coming = this.#coming?.shift()
      if (coming === undefined) {
        this.#options.onEnd(this)
        return result
      }
      this.#source = coming
      if (this.#coming?.length === 0) this.#found = await this.#catchUp()
    }
  }

  async return(): Promise<IteratorResult<Change>> {
    this.#options.onEnd(this)
    const sources = [this.#source, ...(this.#coming ?? [])]
    await Promise.all(sources.map((source) => source.return?.()))
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Change> {
    return this
  }

  /** Nothing that changes after this call is missed. */
  #watch(): AsyncIterator<Change> {
    const { caller, signal } = this.#options
    return this.#gateway.watch(caller, signal)[Symbol.asyncIterator]()
  }

  async #catchUp(): Promise<Change[]> {
    const before = this.#behind
    this.#behind = undefined
    if (before === undefined) return []
    const [then, now] = await Promise.all([this.#look(before), this.#look(this.#gateway)])
    return [...this.#options.differences.between(then, now)]
  }

  /** @returns `undefined` where there is none to be had */
  #look(gateway: Gateway): Promise<Catalog | undefined> {
    const { caller, signal } = this.#options
    return gateway.list(caller, signal).catch(() => undefined)
  }
}
