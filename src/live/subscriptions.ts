import { onAbort } from '../core/abort.ts'
import type { Ask, Call, Exchange, Notice, Result } from '../core/call.ts'
import type { Caller } from '../core/caller.ts'
import type { Gateway, Resolved } from '../core/gateway.ts'
import { RawObject } from '../core/raw.ts'

/** Whether a call goes on after it was answered, until its exchange ends. */
export function stands(call: Call): boolean {
  return call.kind === 'subscription' || (call.kind === 'task' && call.method === 'subscriptions/listen')
}

export interface Subscribing {
  readonly caller: Caller
  readonly call: Call
  /** For finding it. */
  readonly signal: AbortSignal
  readonly exchange: Exchange
}

/** The subscriptions that stand, which go on in the gateway that takes the place of theirs. */
export class Subscriptions {
  readonly #all = new Set<Subscription>()

  /** @throws GatewayError when it does not stand the first time */
  async begin(subscribing: Subscribing, resolved: Resolved): Promise<Result> {
    const subscription = new Subscription(subscribing)
    this.#all.add(subscription)
    const forget = subscribing.exchange.onAbort(() => this.#all.delete(subscription))
    try {
      return await subscription.stand(resolved)
    } catch (error) {
      forget()
      this.#all.delete(subscription)
      throw error
    }
  }

  /** @param gone backends that are no longer what they were */
  move(gateway: Gateway, gone: ReadonlySet<string>): void {
    for (const subscription of this.#all) void subscription.move(gateway, gone)
  }
}

const FIRST_RETRY_MS = 1_000
const LONGEST_RETRY_MS = 30_000
/** In all about three minutes. */
const ATTEMPTS = 10

class Subscription {
  readonly #subscribing: Subscribing
  #stretch: Stretch | undefined
  #backend: string | undefined
  /** Of the last move: an earlier one that has not ended is of no use any more. */
  #turn = 0

  constructor(subscribing: Subscribing) {
    this.#subscribing = subscribing
  }

  async stand(resolved: Resolved): Promise<Result> {
    this.#stretch?.end()
    const stretch = new Stretch(this.#subscribing.exchange)
    this.#stretch = stretch
    this.#backend = resolved.item.origin.backend
    try {
      return await resolved.run(stretch)
    } catch (error) {
      stretch.end()
      throw error
    }
  }

  /** Who may not subscribe any more, or to what is there no more, hears nothing until it can again. */
  async move(gateway: Gateway, gone: ReadonlySet<string>): Promise<void> {
    const turn = ++this.#turn
    const { exchange } = this.#subscribing
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        return await this.#moveOnce(gateway, gone, turn)
      } catch {
        if (turn === this.#turn) this.#stretch?.end()
        await sleep(Math.min(FIRST_RETRY_MS * 2 ** attempt, LONGEST_RETRY_MS), exchange)
      }
      if (turn !== this.#turn || exchange.signal.aborted) return
    }
  }

  async #moveOnce(gateway: Gateway, gone: ReadonlySet<string>, turn: number): Promise<void> {
    const { caller, call, signal, exchange } = this.#subscribing
    const resolved = await gateway.resolve(caller, call, signal)
    if (turn !== this.#turn) return
    const { backend } = resolved.item.origin
    const isThere = this.#stretch?.isOver === false && backend === this.#backend
    if (isThere && !gone.has(backend)) return
    await this.stand(resolved)
    // Something may have happened in between.
    if (call.kind === 'subscription') exchange.notify(updated(call.uri))
  }
}

/** The part of a subscription that one gateway serves. */
class Stretch implements Exchange {
  readonly takesInputRequired = false
  readonly #whole: Exchange
  readonly #controller = new AbortController()
  readonly #forget: () => void

  constructor(whole: Exchange) {
    this.#whole = whole
    this.#forget = whole.onAbort(() => this.#controller.abort())
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get isOver(): boolean {
    return this.#controller.signal.aborted
  }

  onAbort(listener: () => void): () => void {
    return onAbort(this.#controller.signal, listener)
  }

  notify(notice: Notice): void {
    if (!this.isOver) this.#whole.notify(notice)
  }

  ask(request: Ask): Promise<RawObject> {
    return this.#whole.ask(request)
  }

  end(): void {
    this.#forget()
    this.#controller.abort()
  }
}

/** MCP 2025-11-25, server/resources, Subscriptions. */
function updated(uri: string): Notice {
  return { method: 'notifications/resources/updated', params: RawObject.of({ uri }) }
}

function sleep(ms: number, exchange: Exchange): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      forget()
      resolve()
    }
    const timer = setTimeout(done, ms).unref()
    let forget = () => {}
    forget = exchange.onAbort(done)
  })
}
