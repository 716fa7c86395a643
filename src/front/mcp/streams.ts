import type { Principal } from '../../core/caller.ts'
import { GatewayError } from '../../core/errors.ts'
import { ownerOf, Shares } from '../../core/shares.ts'

/** The long-lived streams of a kind that are open, so that they can be counted and ended properly. */
export class Streams {
  readonly #max: number
  readonly #open = new Set<() => void>()
  readonly #shares: Shares

  constructor(max: number) {
    this.#max = max
    this.#shares = new Shares(max)
  }

  /** `end` ends the stream properly. Returns what to call when it has ended. @throws GatewayError `rate_limited` */
  open(principal: Principal, end: () => void): () => void {
    const owner = ownerOf(principal)
    const most = this.#shares.most(owner)
    if (this.#open.size >= this.#max) throw full(`no more than ${this.#max} subscriptions can be open`)
    if (this.#shares.of(owner) >= most) throw full(`one user can have ${most} subscriptions open`)
    this.#open.add(end)
    this.#shares.take(owner)
    return () => {
      if (this.#open.delete(end)) this.#shares.giveBack(owner)
    }
  }

  endAll(): void {
    for (const end of [...this.#open]) end()
  }
}

function full(why: string): GatewayError {
  return new GatewayError('rate_limited', `${why}; close one first`)
}
