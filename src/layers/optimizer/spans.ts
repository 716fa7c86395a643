import type { Ask, Exchange, Notice, RequestRef, Result } from '../../core/call.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Resolved } from '../../core/gateway.ts'
import type { RawObject } from '../../core/raw.ts'
import type { BeginPart, PartSpan } from '../../core/trace.ts'

/** The same calls, with a span for what each of the two tools does. */
export class Spans {
  readonly #begin: BeginPart

  constructor(begin: BeginPart) {
    this.#begin = begin
  }

  find(run: Resolved['run']): Resolved['run'] {
    return (exchange) => {
      const span = this.#begin('optimizer.FindTool', exchange.ref)
      return ended(span, run(exchange))
    }
  }

  /** @param name of the tool that is called */
  call({ item, run }: Resolved, name: string): Resolved {
    return {
      item,
      run: (exchange) => {
        const span = this.#begin('optimizer.CallTool', exchange.ref)
        span.set({ tool_name: name })
        return ended(span, run(new Within(exchange, span.ref)))
      },
    }
  }
}

async function ended(span: PartSpan, running: Promise<Result>): Promise<Result> {
  try {
    const result = await running
    span.end(result.body.text('isError') === 'true' ? { type: 'tool_error' } : undefined)
    return result
  } catch (error) {
    const { code, message } = GatewayError.from(error)
    span.end({ type: code, message })
    throw error
  }
}

/** The exchange of a part of a call. */
class Within implements Exchange {
  readonly ref: RequestRef | undefined
  readonly #exchange: Exchange

  constructor(exchange: Exchange, ref: RequestRef | undefined) {
    this.#exchange = exchange
    this.ref = ref
  }

  get signal(): AbortSignal {
    return this.#exchange.signal
  }

  get takesInputRequired(): boolean {
    return this.#exchange.takesInputRequired
  }

  onAbort(listener: () => void): () => void {
    return this.#exchange.onAbort(listener)
  }

  notify(notice: Notice): void {
    this.#exchange.notify(notice)
  }

  ask(request: Ask): Promise<RawObject> {
    return this.#exchange.ask(request)
  }
}
