import { onAbort } from '../core/abort.ts'
import type { Exchange, Result } from '../core/call.ts'
import { GatewayError } from '../core/errors.ts'
import type { BackendRequest } from '../core/ports.ts'
import { backoff, Pause } from './backoff.ts'
import { inTime } from './cancelled.ts'
import type { Connection } from './mcp/connection.ts'
import { resourceUpdated } from './mcp/updated.ts'

export interface Ground {
  readonly name: string
  /** To stand the first time. */
  readonly timeoutMs: number
  readonly connect: () => Promise<Connection>
  /** Whether there will be no connection any more. */
  readonly isOver: () => boolean
}

/** Keeps a subscription standing, over connections that come and go, until its exchange ends. */
export class Standing {
  readonly #request: BackendRequest
  readonly #exchange: Exchange
  readonly #ground: Ground

  constructor(request: BackendRequest, exchange: Exchange, ground: Ground) {
    this.#request = request
    this.#exchange = exchange
    this.#ground = ground
  }

  /** Resolves when it stands. @throws GatewayError when it does not the first time */
  begin(): Promise<Result> {
    const { name, timeoutMs } = this.#ground
    const message = `backend '${name}' did not take the subscription within ${timeoutMs} ms`
    const late = () => new GatewayError('timeout', message, { data: { backend: name } })
    return inTime(this.#begin(), { signal: this.#exchange.signal, ms: timeoutMs, late })
  }

  async #begin(): Promise<Result> {
    const connection = await this.#ground.connect()
    const result = await connection.run(this.#request, this.#exchange, performance.now())
    void this.#keep(connection)
    return result
  }

  async #keep(first: Connection): Promise<void> {
    let connection = first
    for (;;) {
      await either(connection.gone.signal, this.#exchange.signal)
      const next = await this.#again()
      if (next === undefined) return
      connection = next
      const { call } = this.#request
      if (call.kind === 'subscription') this.#exchange.notify(resourceUpdated(call.uri))
    }
  }

  /** @returns `undefined` once the exchange has ended, or the backend is closed */
  async #again(): Promise<Connection | undefined> {
    const { signal } = this.#exchange
    for (let failures = 1; !signal.aborted && !this.#ground.isOver(); failures++) {
      try {
        const connection = await this.#ground.connect()
        await connection.run(this.#request, this.#exchange, performance.now())
        return connection
      } catch {
        await new Pause().begin(backoff(failures + 1), signal)
      }
    }
    return undefined
  }
}

/** Resolves when one of the two fires. Both may live long, so that nothing is left behind at the other. */
async function either(one: AbortSignal, other: AbortSignal): Promise<void> {
  if (one.aborted || other.aborted) return
  await new Promise<void>((resolve) => {
    const end = () => {
      forgetOne()
      forgetOther()
      resolve()
    }
    const forgetOne = onAbort(one, end)
    const forgetOther = onAbort(other, end)
  })
}
