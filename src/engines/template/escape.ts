import { isPrintable } from './characters.ts'

const HTML: Readonly<Record<string, string>> = {
  '\0': '\ufffd',
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
}

export function escapeHtml(text: string): string {
  return text.replace(/[\0"'&<>]/g, (char) => HTML[char] as string)
}

const JS: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '<': '\\u003C',
  '>': '\\u003E',
  '&': '\\u0026',
  '=': '\\u003D',
}

export function escapeJs(text: string): string {
  return text.replace(
    /[\\'"<>&=]|[^ -\x7f]/gu,
    (char) => JS[char] ?? (isPrintable(char) ? char : jsCode(char)),
  )
}

function jsCode(char: string): string {
  return `\\u${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}

/** `application/x-www-form-urlencoded`, as Go's `url.QueryEscape` writes it. */
export function escapeQuery(text: string): string {
  // A lone surrogate has no UTF-8; it becomes U+FFFD, as in all output.
  const wellFormed = Buffer.from(text, 'utf8').toString('utf8')
  return encodeURIComponent(wellFormed).replace(/%20|[!'()*]/g, (char) => {
    return char === '%20' ? '+' : `%${char.charCodeAt(0).toString(16).toUpperCase()}`
  })
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
}

/** Go's `strconv.Quote`, or `QuoteToASCII`; with single quotes, `QuoteRune`. */
export function quote(text: string, ascii = false, mark: '"' | "'" = '"'): string {
  return mark + quoteBody(text, ascii, mark) + mark
}

/** What stands between the quotes. */
export function quoteBody(text: string, ascii = false, mark: '"' | "'" = '"'): string {
  let quoted = ''
  for (const char of text) quoted += char === mark ? `\\${mark}` : (ESCAPES[char] ?? quotedChar(char, ascii))
  return quoted
}

function quotedChar(char: string, ascii: boolean): string {
  const point = char.codePointAt(0) ?? 0
  if (point < 0x80 ? point >= 0x20 && point < 0x7f : !ascii && isPrintable(char)) return char
  const hex = point.toString(16)
  if (point < 0x80) return `\\x${hex.padStart(2, '0')}`
  return point < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}

/** Go's `strconv.CanBackquote`. */
export function canBackquote(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return !/[\0-\x08\n-\x1f`\x7f\ufeff]/.test(text)
}
