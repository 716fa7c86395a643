import type { RequestRef, Result } from './call.ts'
import type { Caller, Principal } from './caller.ts'
import type { Item, JsonObject } from './catalog.ts'
import type { ErrorCode, GatewayError, RpcError } from './errors.ts'
import type { RawObject } from './raw.ts'

/**
 * How audit, metrics and traces observe what clients do, whatever its era and transport, and what composite tools
 * do. Whoever observes is called in the course of the request: what takes long is for later.
 */

/** Something that a client does, as far as it is known when it begins. */
export interface Seen {
  /**
   * `stream` is the open event stream of a session; one that was refused is `other`, as is all that is no message
   * and what could not be read as one.
   */
  readonly kind: 'request' | 'notification' | 'response' | 'stream' | 'other'
  /** Of MCP; of HTTP where it is no message, and empty where there is none. */
  readonly method: string
  readonly ref: RequestRef
  /** JSON text of the id that the client has given to its request. */
  readonly rpcId: string | undefined
  readonly params: RawObject | undefined
  /** `_meta` of the parameters, parsed. */
  readonly meta: JsonObject | undefined
  /** `undefined` where it was refused before the sender was known. */
  readonly principal: Principal | undefined
  /** `undefined` where more is to be known only later, if ever. */
  readonly caller: Caller | undefined
  readonly source: Source
}

/** Where it came from. */
export interface Source {
  readonly transport: 'http' | 'stdio'
  /** The path of the URL, or `stdio`. */
  readonly endpoint: string
  readonly httpMethod: string | undefined
  /** IP address of the peer, which may be a proxy. */
  readonly address: string | undefined
  /** Names in lower case. Hold credentials. None on stdio. */
  readonly headers: Headers
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

/** Follows one thing that was seen. */
export interface Sight {
  /** What the request is about, before the call is made. Not called where nothing was found. */
  found(item: Item): void
  /** Called once. A reply may still be on its way to the client. */
  end(ending: Ending): void
}

/** How it ended. Without `error` and `cause` it went well. */
export interface Ending {
  /** With the session that `initialize` has opened. */
  readonly caller: Caller | undefined
  /** Of a call, as the backend gave it; it may be an error that the tool tells of (`isError`). */
  readonly result: Result | undefined
  /** The JSON of the result as sent. */
  readonly sent: readonly Buffer[] | undefined
  /** The error as sent. */
  readonly error: RpcError | undefined
  /** Why it did not go well; `cancelled` where the client gave up and was sent nothing. */
  readonly cause: GatewayError | undefined
  /** Of HTTP; `undefined` on stdio and where there was no reply of its own. */
  readonly status: number | undefined
  /** Of the message that was sent in reply, without what HTTP adds. */
  readonly bytes: number
  /** Whether the reply was an event stream. */
  readonly streamed: boolean
}

/** Is shown what a client does when it begins; `undefined` looks away. */
export type Witness = (seen: Seen) => Sight | undefined

/** Something that happens in a run of a composite tool. */
export interface RunSeen {
  readonly type: RunSeenType
  readonly run: string
  readonly workflow: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly caller: Caller
  /** Of the run, within that of the request. */
  readonly ref: RequestRef | undefined
  /** What it is about, where it is one step. */
  readonly step: RunStep | undefined
  /** Of the step, within that of the run: what it calls has it. */
  readonly stepRef: RequestRef | undefined
  /** Of what has ended. */
  readonly durationMs: number | undefined
  readonly error: { readonly code: ErrorCode; readonly message: string } | undefined
  /** With `workflow_started` alone. */
  readonly begun?: BegunRun | undefined
}

/** A run that begins, or that goes on where it was interrupted. */
export interface BegunRun {
  /** In the order of declaration. */
  readonly steps: readonly RunStep[]
  /** Whether it goes on. */
  readonly resumed: boolean
  /** How steps ended that were done before it was interrupted, by their ids. They do not run again. */
  readonly earlier: ReadonlyMap<string, EarlierStep>
  /** Ends it, with all that is under way for it; its client is told the reason. */
  end(reason: GatewayError): void
}

export interface EarlierStep {
  readonly status: 'completed' | 'failed' | 'skipped'
  readonly durationMs?: number | undefined
}

/** What was skipped was so by its condition, or after an elicitation was declined. */
export type RunSeenType =
  | `workflow_${'started' | 'completed' | 'failed' | 'timed_out' | 'cancelled'}`
  | `step_${'started' | 'retrying' | 'completed' | 'failed' | 'skipped' | 'cancelled'}`

export interface RunStep {
  readonly id: string
  readonly type: string
  readonly tool: string | undefined
}

export type RunWitness = (seen: RunSeen) => void

/** What observes one gateway and the doors in front of it. */
export interface Observer {
  readonly witness?: Witness
  readonly runWitness?: RunWitness
  /** What an operator is told of it at `/status`. No secrets. */
  readonly status?: () => object
  /** What new requests wait for; `undefined` where they need not. For observers that must miss nothing. */
  readonly room?: () => Promise<void> | undefined
  /** Opens its files anew, for whoever has moved them away. */
  readonly reopen?: () => Promise<void>
  /** Nothing more is to be observed. Resolves when all that was is where it belongs. */
  close(): Promise<void>
}

/**
 * One witness for all; `undefined` where there is none. The fault of one is told, and harms neither the others nor the
 * request.
 */
export function allOf(witnesses: readonly Witness[], onFault: (error: unknown) => void): Witness | undefined {
  const guarded = witnesses.map((witness) => guardedBy(witness, onFault))
  if (guarded.length < 2) return guarded[0]
  return (seen) => {
    const sights: Sight[] = []
    for (const witness of guarded) {
      const sight = witness(seen)
      if (sight !== undefined) sights.push(sight)
    }
    return sights.length === 0 ? undefined : new AllSights(sights)
  }
}

class AllSights implements Sight {
  readonly #sights: readonly Sight[]

  constructor(sights: readonly Sight[]) {
    this.#sights = sights
  }

  found(item: Item): void {
    for (const sight of this.#sights) sight.found(item)
  }

  end(ending: Ending): void {
    for (const sight of this.#sights) sight.end(ending)
  }
}

function guardedBy(witness: Witness, onFault: (error: unknown) => void): Witness {
  return (seen) => {
    try {
      const sight = witness(seen)
      return sight && new GuardedSight(sight, onFault)
    } catch (error) {
      onFault(error)
      return undefined
    }
  }
}

class GuardedSight implements Sight {
  readonly #sight: Sight
  readonly #onFault: (error: unknown) => void

  constructor(sight: Sight, onFault: (error: unknown) => void) {
    this.#sight = sight
    this.#onFault = onFault
  }

  found(item: Item): void {
    try {
      this.#sight.found(item)
    } catch (error) {
      this.#onFault(error)
    }
  }

  end(ending: Ending): void {
    try {
      this.#sight.end(ending)
    } catch (error) {
      this.#onFault(error)
    }
  }
}

export function allRunsOf(witnesses: readonly RunWitness[]): RunWitness | undefined {
  if (witnesses.length < 2) return witnesses[0]
  return (seen) => {
    for (const witness of witnesses) witness(seen)
  }
}

/** Where several make requests wait, all of them have to have room. */
export function roomOf(observers: readonly Observer[]): Pick<Observer, 'room'> {
  const rooms = observers.flatMap(({ room }) => room ?? [])
  const [only] = rooms
  if (only === undefined) return {}
  if (rooms.length === 1) return { room: only }
  return {
    room() {
      const waits = rooms.flatMap((room) => room() ?? [])
      return waits.length === 0 ? undefined : Promise.all(waits).then(() => {})
    },
  }
}
