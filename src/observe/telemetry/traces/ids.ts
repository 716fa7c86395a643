import { randomFillSync } from 'node:crypto'

const POOL_BYTES = 4096
const TRACE_BYTES = 16
const SPAN_BYTES = 8

/** Random ids, drawn many at a time. */
export class Ids {
  readonly #pool = Buffer.alloc(POOL_BYTES)
  #at = POOL_BYTES

  spanId(): string {
    return this.#draw(SPAN_BYTES)
  }

  traceId(): string {
    return this.#draw(TRACE_BYTES)
  }

  #draw(bytes: number): string {
    if (this.#at + bytes > POOL_BYTES) {
      randomFillSync(this.#pool)
      this.#at = 0
    }
    const from = this.#at
    this.#at += bytes
    return this.#pool.toString('hex', from, this.#at)
  }
}
