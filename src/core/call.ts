import type { RawObject } from './raw.ts'

/**
 * What a client asks of one item. `params` are the request's parameters as sent, `_meta` included; the name
 * in them is the advertised one, and the hop that sends them on replaces it.
 */
export type Call =
  | { readonly kind: 'tool'; readonly name: string; readonly params: RawObject }
  | { readonly kind: 'prompt'; readonly name: string; readonly params: RawObject }
  | { readonly kind: 'resource'; readonly uri: string; readonly params: RawObject }
  | { readonly kind: 'completion'; readonly ref: CompletionRef; readonly params: RawObject }

/** `ref` of `completion/complete` (MCP 2025-11-25, server/utilities/completion). */
export type CompletionRef =
  | { readonly type: 'ref/prompt'; readonly name: string }
  | { readonly type: 'ref/resource'; readonly uri: string }

/** The MCP method of each kind of call. */
export const METHOD: Readonly<Record<Call['kind'], string>> = {
  tool: 'tools/call',
  prompt: 'prompts/get',
  resource: 'resources/read',
  completion: 'completion/complete',
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

/** A request that a backend makes of the client in the course of a call. */
export interface Ask {
  readonly method: 'elicitation/create' | 'sampling/createMessage' | 'roots/list'
  readonly params: RawObject
}

/** The back-channel of one call. It lives exactly as long as the call. Not a plain object: neither copy nor unpack it. */
export interface Exchange {
  readonly signal: AbortSignal
  /**
   * Hears of the abort, at once where it was before, without a signal, whose making costs more than the rest of
   * a small call. Returns what takes the listener away.
   */
  onAbort(listener: () => void): () => void
  /** Relays `notifications/progress`; the front puts the client's own token in. */
  progress(params: RawObject): void
  /** Relays `notifications/message`. */
  log(params: RawObject): void
  /** @throws GatewayError `capability_required` when this client cannot answer such a request */
  ask(request: Ask): Promise<RawObject>
}
