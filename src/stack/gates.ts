import { isDeepStrictEqual } from 'node:util'
import type { RateLimitConfig, RedisConfig } from '../core/limits.ts'
import type { Log } from '../core/log.ts'
import type { Meter } from '../core/meter.ts'
import type { Observer } from '../core/witness.ts'
import { Gate } from '../layers/limits/gate.ts'
import { createBuckets } from '../stores/index.ts'

/** The gates of the rate limits, one for each store: what was taken stays taken when the limits are others. */
export class Gates implements Observer {
  readonly #log: Log
  #meter: Meter | undefined
  readonly #gates: { readonly redis: RedisConfig | undefined; readonly gate: Gate }[] = []

  constructor(log: Log) {
    this.#log = log
  }

  /** From now on what passes is counted there. */
  count(meter: Meter | undefined): void {
    if (meter === this.#meter) return
    this.#meter = meter
    for (const { gate } of this.#gates) gate.count(meter)
  }

  of({ redis }: RateLimitConfig): Gate {
    const known = this.#gates.find((it) => isDeepStrictEqual(it.redis, redis))
    if (known !== undefined) return known.gate
    const gate = new Gate(createBuckets(redis, this.#log), { log: this.#log, meter: this.#meter })
    this.#gates.push({ redis, gate })
    return gate
  }

  readonly status = (): object => {
    const gate = this.#gates.at(-1)?.gate
    return gate === undefined ? {} : { rate_limits: gate.state }
  }

  async close(): Promise<void> {
    await Promise.all(this.#gates.map(({ gate }) => gate.close()))
  }
}
