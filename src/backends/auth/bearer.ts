import type { Headers } from './outgoing.ts'
import type { Token } from './tokens.ts'

/** RFC 6750 §2.1. */
export function bearer(headers: Headers, token: string): Headers {
  return { ...headers, authorization: `Bearer ${token}` }
}

/** Adds tokens to headers; what was made for the same headers and token last is made once. */
export class Bearers {
  readonly #made = new WeakMap<Token, { readonly from: Headers; readonly made: Headers }>()

  /** @param token may be on its way still */
  add(headers: Headers, token: Token | Promise<Token>): Headers | Promise<Headers> {
    return token instanceof Promise ? token.then((it) => this.#add(headers, it)) : this.#add(headers, token)
  }

  #add(headers: Headers, token: Token): Headers {
    const known = this.#made.get(token)
    if (known?.from === headers) return known.made
    const made = bearer(headers, token.value)
    this.#made.set(token, { from: headers, made })
    return made
  }
}

/** Whether a request was sent with this token. */
export function isBearer(sent: Headers, { value }: Token): boolean {
  return sent['authorization'] === `Bearer ${value}`
}
