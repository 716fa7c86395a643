import { Fault } from './errors.ts'
import { Lexer, type Token, type TokenKind } from './lexer.ts'

/** The tokens of a template with one token of look-ahead. */
export class Tokens {
  readonly #lexer: Lexer
  #ahead: Token | undefined

  constructor(text: string) {
    this.#lexer = new Lexer(text)
  }

  peek(): Token {
    this.#ahead ??= this.#lexer.next()
    return this.#ahead
  }

  next(): Token {
    const token = this.peek()
    this.#ahead = undefined
    return token
  }

  at(kind: TokenKind, text?: string): boolean {
    const token = this.peek()
    return token.kind === kind && (text === undefined || token.text === text)
  }

  take(kind: TokenKind, text?: string): Token | undefined {
    return this.at(kind, text) ? this.next() : undefined
  }

  expect(kind: TokenKind, context: string): Token {
    const token = this.take(kind)
    if (token === undefined) throw unexpected(this.peek(), context)
    return token
  }
}

export function unexpected(token: Token, context: string): Fault {
  const shown = token.kind === 'end' ? 'the end of the template' : JSON.stringify(token.text.slice(0, 40))
  return new Fault('syntax', `unexpected ${shown}; ${context}`, token.offset)
}
