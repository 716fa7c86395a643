import type { Notice } from '../../../core/call.ts'
import { GatewayError } from '../../../core/errors.ts'
import { Cancel } from '../cancel.ts'
import { NoticeExchange } from '../notice-exchange.ts'

/** Resources that one session is told of. */
const MOST = 1_000

interface Subscription {
  readonly cancel: Cancel
  readonly standing: Promise<unknown>
}

interface Untold {
  /** The subscription that it is for. */
  readonly uri: string
  readonly notice: Notice
}

/** The resources that a session has subscribed to, each as a call that lives until it unsubscribes or ends. */
export class Subscriptions {
  readonly #tell: (notice: Notice) => boolean
  readonly #open = new Map<string, Subscription>()
  /** For want of a stream; the latest update of a resource is as good as all. */
  readonly #untold = new Map<string, Untold>()

  constructor(tell: (notice: Notice) => boolean) {
    this.#tell = tell
  }

  /** `resources/subscribe`. @throws GatewayError `rate_limited`, and whatever `begin` does */
  async add(uri: string, begin: (exchange: NoticeExchange) => Promise<unknown>): Promise<void> {
    const subscription = this.#open.get(uri) ?? this.#begin(uri, begin)
    try {
      await subscription.standing
    } catch (error) {
      if (this.#open.get(uri) === subscription) this.remove(uri)
      throw error
    }
  }

  /** `resources/unsubscribe`. */
  remove(uri: string): void {
    const subscription = this.#open.get(uri)
    this.#open.delete(uri)
    subscription?.cancel.abort()
    for (const [key, untold] of this.#untold) if (untold.uri === uri) this.#untold.delete(key)
  }

  /** A stream is open now. */
  flush(): void {
    const untold = [...this.#untold.values()]
    this.#untold.clear()
    for (const { notice } of untold) this.#tell(notice)
  }

  end(): void {
    for (const uri of [...this.#open.keys()]) this.remove(uri)
  }

  #begin(uri: string, begin: (exchange: NoticeExchange) => Promise<unknown>): Subscription {
    if (this.#open.size >= MOST)
      throw new GatewayError(
        'rate_limited',
        `a session may have ${MOST} subscriptions; unsubscribe from one first`,
      )
    const cancel = new Cancel()
    const standing = begin(new NoticeExchange(cancel, (notice) => this.#update(uri, notice)))
    const subscription = { cancel, standing }
    this.#open.set(uri, subscription)
    return subscription
  }

  /** The resource may be one within that which was subscribed to. */
  #update(uri: string, notice: Notice): void {
    if (this.#tell(notice)) return
    const key = `${uri} ${notice.params.text('uri')}`
    if (this.#untold.has(key) || this.#untold.size < MOST) this.#untold.set(key, { uri, notice })
  }
}
