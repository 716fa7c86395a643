import { randomBytes } from 'node:crypto'

const POOL_BYTES = 4096
/** Hexadecimal digits. */
const TRACE_DIGITS = 32
const SPAN_DIGITS = 16

/** Random ids, drawn many at a time: making one text costs as much as making a hundred. */
export class Ids {
  #pool = ''
  #at = 0

  spanId(): string {
    return this.#draw(SPAN_DIGITS)
  }

  traceId(): string {
    return this.#draw(TRACE_DIGITS)
  }

  #draw(digits: number): string {
    if (this.#at + digits > this.#pool.length) {
      this.#pool = randomBytes(POOL_BYTES).toString('hex')
      this.#at = 0
    }
    const from = this.#at
    this.#at += digits
    return this.#pool.slice(from, this.#at)
  }
}
