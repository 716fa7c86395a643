import type { Headers } from './outgoing.ts'
import type { Token } from './tokens.ts'

/** RFC 6750 §2.1. */
export function bearer(headers: Headers, token: string): Headers {
  return { ...headers, authorization: `Bearer ${token}` }
}

/** With a token that may be on its way still. */
export function bearing(headers: Headers, token: Token | Promise<Token>): Headers | Promise<Headers> {
  return token instanceof Promise
    ? token.then(({ value }) => bearer(headers, value))
    : bearer(headers, token.value)
}

/** Whether a request was sent with this token. */
export function isBearer(sent: Headers, { value }: Token): boolean {
  return sent['authorization'] === `Bearer ${value}`
}
