import type { Log } from '../../core/log.ts'
import type { Exposure } from './exposure.ts'

/** Writes to the log when a composite tool is withdrawn, or why changes, and when it is back. */
export class Withdrawals {
  readonly #log: Log
  #reasons: ReadonlyMap<string, string> = new Map()

  constructor(log: Log) {
    this.#log = log
  }

  note(exposure: Exposure): Exposure {
    const reasons = new Map(exposure.withdrawn.map(({ origin, reason }) => [origin.name, reason]))
    for (const [composite, reason] of reasons) {
      if (this.#reasons.get(composite) !== reason) this.#log.warn({ composite }, reason)
    }
    for (const composite of this.#reasons.keys()) {
      if (!reasons.has(composite)) this.#log.info({ composite }, 'the composite tool is back')
    }
    this.#reasons = reasons
    return exposure
  }
}
