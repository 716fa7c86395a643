import type { RawObject } from './raw.ts'
import type { TraceContext } from './trace-context.ts'

/**
 * What a client asks of one item. `params` are the request's parameters as sent, `_meta` included; the name
 * in them is the advertised one, and the hop that sends them on replaces it.
 */
export type Call =
  | {
      readonly kind: 'tool'
      readonly name: string
      readonly params: RawObject
      /** The `Mcp-Param-*` headers of the request as sent, names in lower case; absent where there are none. */
      readonly paramHeaders?: Readonly<Record<string, string>>
    }
  | { readonly kind: 'prompt'; readonly name: string; readonly params: RawObject }
  | { readonly kind: 'resource'; readonly uri: string; readonly params: RawObject }
  | { readonly kind: 'completion'; readonly ref: CompletionRef; readonly params: RawObject }
  /** Answered once the subscription stands; what happens to the resource is told until the exchange ends. */
  | { readonly kind: 'subscription'; readonly uri: string; readonly params: RawObject }
  | TaskCall
  /** A method that is not of the core protocol, for whichever backend knows it. */
  | { readonly kind: 'method'; readonly method: string; readonly params: RawObject }

/**
 * About a task that a backend runs; `taskId` is the backend's own, in `params` too. With `subscriptions/listen`
 * it is a subscription to what happens to the task.
 */
export interface TaskCall {
  readonly kind: 'task'
  readonly method: string
  readonly backend: string
  readonly taskId: string
  readonly params: RawObject
}

/** `ref` of `completion/complete` (MCP 2025-11-25, server/utilities/completion). */
export type CompletionRef =
  | { readonly type: 'ref/prompt'; readonly name: string }
  | { readonly type: 'ref/resource'; readonly uri: string }
  /** Of a type that no revision has. Nobody can complete it. */
  | { readonly type: 'other' }

const METHODS = {
  tool: 'tools/call',
  prompt: 'prompts/get',
  resource: 'resources/read',
  completion: 'completion/complete',
  subscription: 'resources/subscribe',
} as const

/** The MCP method of a call. */
export function methodOf(call: Call): string {
  return call.kind === 'task' || call.kind === 'method' ? call.method : METHODS[call.kind]
}

/**
 * The outcome of a call, without anything that belongs to one hop or one era: no `resultType`, no reserved
 * `_meta` keys. `type` is `complete`, `input_required`, or what an extension defines (MCP 2026-07-28,
 * basic/patterns/mrtr).
 */
export interface Result {
  readonly type: string
  readonly body: RawObject
}

/** A request that a backend makes of the client. */
export interface Ask {
  readonly method: AskMethod
  readonly params: RawObject
  /** Fires when the backend asks no longer; absent where it cannot withdraw a question. */
  readonly withdrawn?: AbortSignal
  /** Takes the client's `notifications/progress`; absent where the backend gave no token for it. */
  readonly progress?: (params: RawObject) => void
  /** The run of a composite tool that is kept and can go on with the answer, even where the call is no more. */
  readonly run?: string
  /** What the answer goes by, where the client gives it in a request of its own; a key of the front's where it is absent. */
  readonly key?: string
}

/** The methods of `tasks/*` are for tasks that the client runs for the backend (MCP 2025-11-25, basic/utilities/tasks). */
export type AskMethod =
  | 'elicitation/create'
  | 'sampling/createMessage'
  | 'roots/list'
  | 'tasks/get'
  | 'tasks/result'
  | 'tasks/list'
  | 'tasks/cancel'

/** A JSON-RPC notification that is relayed. */
export interface Notice {
  readonly method: string
  readonly params: RawObject
}

/** A request of a client, for whatever is done on its behalf to be told by. One object for one request. */
export interface RequestRef {
  /** Names the request in logs, audit and traces. Without line breaks, at most 128 characters. */
  readonly id: string
  /** What it is a part of, where it is not the request itself. */
  readonly within?: RequestRef
  /** Where it stands in its trace; for who traces to set. A field, since looking things up by the request costs more. */
  trace?: TraceContext | undefined
}

/** A part of what is done for a request, such as a run of a composite tool. It goes by the name of the request. */
export class PartRef implements RequestRef {
  readonly within: RequestRef
  trace: TraceContext | undefined = undefined

  constructor(within: RequestRef) {
    this.within = within
  }

  get id(): string {
    return this.within.id
  }
}

/** The back-channel of one call. It lives exactly as long as the call. Not a plain object: neither copy nor unpack it. */
export interface Exchange {
  readonly signal: AbortSignal
  /** The request that the call is made for; absent where it outlives the request. */
  readonly ref?: RequestRef | undefined
  /**
   * Whether the call may end in a result of type `input_required`, for the client to answer by a retry. Where it
   * may not, the client is asked by `ask`.
   */
  readonly takesInputRequired: boolean
  /**
   * Hears of the abort, at once where it was before, without a signal, whose making costs more than the rest of
   * a small call. Returns what takes the listener away.
   */
  onAbort(listener: () => void): () => void
  /** Relays `notifications/progress`, with the client's own token, and others as they are. */
  notify(notice: Notice): void
  /** @throws GatewayError `capability_required` when this client cannot answer such a request */
  ask(request: Ask): Promise<RawObject>
}
