import type { RequestRef, Result } from '../../core/call.ts'
import type { Caller } from '../../core/caller.ts'
import type { Item } from '../../core/catalog.ts'
import type { GatewayError, RpcError } from '../../core/errors.ts'
import type { Ending, Seen, Sight, Source } from '../../core/witness.ts'
import { type ResultBytes, resultPieces } from './frame.ts'

/** How a reply went out. */
interface Sent {
  readonly status: number
  readonly bytes: number
  readonly streamed: boolean
}

/** One thing that is being watched: gathers what comes to light of it until it ends. */
export class Sighting {
  readonly ref: RequestRef
  readonly #sight: Sight
  readonly #transport: Source['transport']
  #caller: Caller | undefined
  #result: Result | undefined
  #cause: GatewayError | undefined
  #over = false

  constructor(sight: Sight, { ref, caller, source }: Seen) {
    this.ref = ref
    this.#sight = sight
    this.#caller = caller
    this.#transport = source.transport
  }

  known(caller: Caller): void {
    this.#caller = caller
  }

  found(item: Item): void {
    this.#sight.found(item)
  }

  /** The call has a result, which is yet to be sent. */
  made(result: Result): void {
    this.#result = result
  }

  /** The call was refused, which the client is told in a result. */
  refused(cause: GatewayError): void {
    this.#cause = cause
  }

  answered(result: ResultBytes, how: Sent): void {
    this.#end({ sent: resultPieces(result) }, how)
  }

  failed(error: RpcError, how: Sent, cause?: GatewayError): void {
    this.#end({ error, cause: cause ?? this.#cause }, how)
  }

  /** Nothing was sent. */
  abandoned(cause: GatewayError): void {
    this.#end({ cause })
  }

  /** It went well, or as `status` says. */
  done(status?: number, streamed = false): void {
    this.#end({}, status === undefined ? undefined : { status, bytes: 0, streamed })
  }

  #end(what: Partial<Ending>, how?: Sent): void {
    if (this.#over) return
    this.#over = true
    this.#sight.end({
      caller: this.#caller,
      result: this.#result,
      sent: what.sent,
      error: what.error,
      cause: what.cause ?? this.#cause,
      status: this.#transport === 'http' ? how?.status : undefined,
      bytes: how?.bytes ?? 0,
      streamed: how?.streamed ?? false,
    })
  }
}
