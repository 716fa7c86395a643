import { randomFillSync } from 'node:crypto'
import type { IdGenerator } from '@opentelemetry/sdk-trace'

const POOL_BYTES = 4096
const TRACE_BYTES = 16
const SPAN_BYTES = 8

/**
 * Random ids, drawn many at a time. The decision to sample is made from the id of a trace, before there is a span;
 * so a trace that begins has the id of the decision.
 */
export class Ids implements IdGenerator {
  /** Of the trace of the next span, where it begins one. */
  next = ''
  readonly #pool = Buffer.alloc(POOL_BYTES)
  #at = POOL_BYTES

  generateTraceId(): string {
    return this.next
  }

  generateSpanId(): string {
    return this.#draw(SPAN_BYTES)
  }

  freshTraceId(): string {
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
