import { isDigit, isSpace, isWord } from './characters.ts'
import { Fault } from './errors.ts'

export type TokenKind =
  | 'text'
  | 'open'
  | 'close'
  | 'string'
  | 'char'
  | 'number'
  | 'name'
  | 'keyword'
  | 'field'
  | 'variable'
  | 'dot'
  | 'operator'
  | 'punctuation'
  | 'end'

export interface Token {
  readonly kind: TokenKind
  readonly text: string
  readonly offset: number
  /** Whether space stands before it. */
  readonly spaced: boolean
}

const KEYWORDS: ReadonlySet<string> = new Set([
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'nil',
  'range',
  'template',
  'with',
])
const OPERATOR = /==|!=|<=|>=|&&|\|\||<|>/y
const PUNCTUATION = /:=|[=|(),]/y
const NUMBER =
  /[+-]?(?:0[xX][\da-fA-F_]*(?:\.[\da-fA-F_]*)?(?:[pP][+-]?[\d_]*)?|0[oO][0-7_]*|0[bB][01_]*|[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?[\d_]*)?)i?/y

/** Reads a template's text token by token; trimming is done here and nowhere else. */
export class Lexer {
  readonly #text: string
  #at = 0
  #inAction = false
  #actionStart = 0

  constructor(text: string) {
    this.#text = text
  }

  next(): Token {
    return this.#inAction ? this.#action() : this.#outside()
  }

  #outside(): Token {
    for (;;) {
      const start = this.#at
      const open = this.#text.indexOf('{{', start)
      if (open < 0) {
        this.#at = this.#text.length
        return this.#token(start < this.#at ? 'text' : 'end', this.#text.slice(start), start)
      }
      if (open > start) {
        this.#at = open
        const text = this.#trimsLeft(open) ? trimEnd(this.#text, start, open) : this.#text.slice(start, open)
        if (text !== '') return this.#token('text', text, start)
      }
      if (!this.#skipComment(open)) return this.#open(open)
    }
  }

  #trimsLeft(open: number): boolean {
    return this.#text[open + 2] === '-' && isSpace(this.#text[open + 3])
  }

  #open(open: number): Token {
    this.#at = open + (this.#trimsLeft(open) ? 4 : 2)
    this.#inAction = true
    this.#actionStart = open
    return this.#token('open', '{{', open)
  }

  #skipComment(open: number): boolean {
    const start = open + (this.#trimsLeft(open) ? 4 : 2)
    if (!this.#text.startsWith('/*', start)) return false
    const end = this.#text.indexOf('*/', start + 2)
    if (end < 0) throw new Fault('syntax', 'this comment has no end; close it with */}}', open)
    if (!this.#closeAt(end + 2)) {
      throw new Fault('syntax', 'a comment must fill its braces: {{/* … */}} with }} right behind */', end)
    }
    return true
  }

  /** Consumes `}}` or ` -}}` at `at`. */
  #closeAt(at: number): boolean {
    const trims = isSpace(this.#text[at]) && this.#text.startsWith('-}}', at + 1)
    if (!trims && !this.#text.startsWith('}}', at)) return false
    this.#at = at + (trims ? 4 : 2)
    if (trims) while (isSpace(this.#text[this.#at])) this.#at++
    this.#inAction = false
    return true
  }

  #action(): Token {
    const before = this.#at
    while (isSpace(this.#text[this.#at])) this.#at++
    const start = this.#at
    const spaced = start > before
    if (this.#closeAt(spaced && this.#text[start] === '-' ? start - 1 : start)) {
      return { kind: 'close', text: '}}', offset: start, spaced }
    }
    const kind = this.#scan()
    return { kind, text: this.#text.slice(start, this.#at), offset: start, spaced }
  }

  #scan(): TokenKind {
    const char = this.#text[this.#at]
    if (char === undefined)
      throw new Fault('syntax', 'this action has no end; close it with }}', this.#actionStart)
    if (char === '"' || char === "'") return this.#quoted(char)
    if (char === '`') return this.#raw()
    if (char === '$') return this.#named('variable')
    if (char === '.' && !isDigit(this.#text[this.#at + 1])) return this.#named('field')
    if (char === '.' || char === '+' || char === '-' || isDigit(char)) return this.#number()
    if (this.#skip(OPERATOR)) return 'operator'
    if (this.#skip(PUNCTUATION)) return 'punctuation'
    if (!isWord(this.#point()))
      throw new Fault('syntax', unexpectedCharacter(this.#point() as string), this.#at)
    return this.#named('name')
  }

  #point(): string | undefined {
    const point = this.#text.codePointAt(this.#at)
    return point === undefined ? undefined : String.fromCodePoint(point)
  }

  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)
    if (match === null) return false
    this.#at += match[0].length
    return true
  }

  #quoted(quote: '"' | "'"): TokenKind {
    const start = this.#at++
    for (;;) {
      const char = this.#text[this.#at++]
      if (char === quote) return quote === '"' ? 'string' : 'char'
      if (char === '\\' && this.#text[this.#at] !== '\n') this.#at++
      else if (char === undefined || char === '\n' || char === '\\') {
        throw new Fault('syntax', `this string has no end; close it with ${quote} on the same line`, start)
      }
    }
  }

  #raw(): TokenKind {
    const end = this.#text.indexOf('`', this.#at + 1)
    if (end < 0) throw new Fault('syntax', 'this string has no end; close it with a backquote', this.#at)
    this.#at = end + 1
    return 'string'
  }

  #number(): TokenKind {
    const start = this.#at
    this.#skip(NUMBER)
    const next = this.#point()
    const shown = this.#text.slice(start, this.#at)
    if (next === '+' || next === '-' || shown === '+' || shown === '-') {
      throw new Fault('syntax', 'templates cannot calculate; + and - are only signs of numbers', start)
    }
    if (isWord(next)) throw new Fault('syntax', `${shown}${next} is not a number`, start)
    return 'number'
  }

  /** A name, or a `.` or `$` with the name behind it. */
  #named(kind: 'name' | 'field' | 'variable'): TokenKind {
    const start = this.#at
    if (kind !== 'name') this.#at++
    for (let point = this.#point(); isWord(point); point = this.#point()) this.#at += (point as string).length
    if (!this.#endsName()) throw new Fault('syntax', badNameCharacter(this.#point() as string), this.#at)
    const text = this.#text.slice(start, this.#at)
    if (kind === 'name' && KEYWORDS.has(text)) return 'keyword'
    return text === '.' ? 'dot' : kind
  }

  #endsName(): boolean {
    const char = this.#text[this.#at]
    if (char === undefined || isSpace(char) || '.,|:()'.includes(char)) return true
    OPERATOR.lastIndex = this.#at
    return this.#text.startsWith('}}', this.#at) || OPERATOR.test(this.#text)
  }

  #token(kind: TokenKind, text: string, offset: number): Token {
    return { kind, text, offset, spaced: false }
  }
}

function trimEnd(text: string, start: number, end: number): string {
  let at = end
  while (at > start && isSpace(text[at - 1])) at--
  return text.slice(start, at)
}

function unexpectedCharacter(char: string): string {
  if (char === '!') return '! is not known here; write not'
  if (char === '/') return 'a comment must fill its braces: {{/* … */}} with /* right behind {{'
  return `${JSON.stringify(char)} means nothing here; put text into quotes`
}

function badNameCharacter(char: string): string {
  if (char === '-') return 'a name holds no "-"; write index, as in {{index .steps "my-step" "output"}}'
  return `a name holds no ${JSON.stringify(char)}; put a space before it, or use index for such a key`
}
