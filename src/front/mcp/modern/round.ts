import type { Ask } from '../../../core/call.ts'
import type { Outcome } from '../outcome.ts'

/** How a round of a call ends: with its outcome, or with questions for the client. */
export type RoundEnd =
  | { readonly kind: 'done'; readonly outcome: Outcome }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'asked'; readonly asks: ReadonlyMap<string, Ask> }

/** The same as the client is told of it. */
export type Reply =
  | { readonly kind: 'done'; readonly outcome: Outcome }
  | { readonly kind: 'asked'; readonly asks: ReadonlyMap<string, Ask>; readonly state: string }
