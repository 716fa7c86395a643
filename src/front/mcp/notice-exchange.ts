import type { Exchange, Notice } from '../../core/call.ts'
import { GatewayError } from '../../core/errors.ts'
import type { RawObject } from '../../core/raw.ts'
import type { Cancel } from './cancel.ts'

/** The exchange of a subscription: it brings notices until it is cancelled. */
export class NoticeExchange implements Exchange {
  readonly takesInputRequired = false
  readonly #cancel: Cancel
  readonly #tell: (notice: Notice) => void

  constructor(cancel: Cancel, tell: (notice: Notice) => void) {
    this.#cancel = cancel
    this.#tell = tell
  }

  get signal(): AbortSignal {
    return this.#cancel.signal
  }

  onAbort(listener: () => void): () => void {
    return this.#cancel.onAbort(listener)
  }

  notify(notice: Notice): void {
    if (!this.#cancel.aborted) this.#tell(notice)
  }

  async ask(): Promise<RawObject> {
    throw new GatewayError('capability_required', 'a subscription asks the client nothing')
  }
}
