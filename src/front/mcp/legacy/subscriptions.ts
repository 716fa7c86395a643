import type { Notice } from '../../../core/call.ts'
import { GatewayError } from '../../../core/errors.ts'
import { Cancel } from '../cancel.ts'
import { NoticeExchange } from '../notice-exchange.ts'

/** Resources that one session is told of. */
const MOST = 1_000

/** The resources that a session has subscribed to, each as a call that lives until it unsubscribes or ends. */
export class Subscriptions {
  readonly #tell: (notice: Notice) => boolean
  readonly #open = new Map<string, Cancel>()
  /** What could not be told for want of a stream; the latest update of a resource is as good as all. */
  readonly #untold = new Map<string, Notice>()

  constructor(tell: (notice: Notice) => boolean) {
    this.#tell = tell
  }

  /** `resources/subscribe`. @throws GatewayError `rate_limited`, and whatever `begin` does */
  async add(uri: string, begin: (exchange: NoticeExchange) => Promise<unknown>): Promise<void> {
    if (this.#open.has(uri)) return
    if (this.#open.size >= MOST)
      throw new GatewayError(
        'rate_limited',
        `a session may have ${MOST} subscriptions; unsubscribe from one first`,
      )
    const cancel = new Cancel()
    this.#open.set(uri, cancel)
    try {
      await begin(new NoticeExchange(cancel, (notice) => this.#update(notice)))
    } catch (error) {
      this.remove(uri)
      throw error
    }
  }

  /** `resources/unsubscribe`. */
  remove(uri: string): void {
    this.#open.get(uri)?.abort()
    this.#open.delete(uri)
    this.#untold.delete(uri)
  }

  /** A stream is open now. */
  flush(): void {
    const untold = [...this.#untold.values()]
    this.#untold.clear()
    for (const notice of untold) this.#tell(notice)
  }

  end(): void {
    for (const uri of [...this.#open.keys()]) this.remove(uri)
  }

  #update(notice: Notice): void {
    if (this.#tell(notice)) return
    const uri = notice.params.value('uri')
    if (typeof uri === 'string' && this.#untold.size < MOST) this.#untold.set(uri, notice)
  }
}
