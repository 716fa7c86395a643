import { GatewayError } from '../../../core/errors.ts'
import type { Reply, RoundEnd } from './round.ts'

/** What came of a retry, and whose it is. */
export interface Kept {
  readonly owner: Buffer
  readonly reply: Promise<Reply>
}

export interface KeptLimits {
  readonly keptMs: number
  /** Of one reply; a larger one is not kept. */
  readonly keptBytes: number
  /** Of all together. */
  readonly allKeptBytes: number
  readonly mostKept: number
}

interface Entry extends Kept {
  readonly bytes: number
  readonly until: number
}

/** What came of retries, for clients that never got it. Of too many or too large ones the oldest are forgotten. */
export class KeptReplies {
  readonly #limits: KeptLimits
  readonly #entries = new Map<string, Entry>()
  #bytes = 0

  constructor(limits: KeptLimits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#entries.size
  }

  get(state: string): Kept | undefined {
    return this.#entries.get(state)
  }

  add(state: string, kept: Kept, end: RoundEnd): void {
    const { keptMs, keptBytes, allKeptBytes, mostKept } = this.#limits
    const bytes = sizeOf(end)
    if (bytes > keptBytes) return
    this.#entries.set(state, { ...kept, bytes, until: performance.now() + keptMs })
    this.#bytes += bytes
    this.#forget(() => this.#entries.size > mostKept || this.#bytes > allKeptBytes)
  }

  /** Forgets what was kept long enough. */
  sweep(): void {
    const now = performance.now()
    this.#forget(({ until }) => until <= now)
  }

  clear(): void {
    this.#forget(() => true)
  }

  /** The oldest first. */
  #forget(isSurplus: (entry: Entry) => boolean): void {
    for (const [state, entry] of this.#entries) {
      if (!isSurplus(entry)) return
      this.#entries.delete(state)
      this.#bytes -= entry.bytes
    }
  }
}

/** Of what is large in it. */
function sizeOf(end: RoundEnd): number {
  if (end.kind === 'done') return end.outcome.result.body.bytes.length
  if (end.kind === 'asked')
    return [...end.asks.values()].reduce((sum, { params }) => sum + params.bytes.length, 0)
  return JSON.stringify(GatewayError.from(end.error).rpc ?? '').length
}
