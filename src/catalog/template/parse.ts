/** A piece of a URI template (RFC 6570), as something that a stretch of a URI may have been made by. */
export type Part =
  | { readonly type: 'literal'; readonly text: string }
  /** At least one character: within a path segment, or any. */
  | { readonly type: 'run'; readonly any: boolean }
  /** Nothing, or the mark and anything. */
  | { readonly type: 'rest'; readonly mark: string }
  /** Nothing, or the mark and characters of a path segment; with `many`, any number of those. */
  | { readonly type: 'segment'; readonly mark: string; readonly many: boolean }
  /** Nothing, or `name=value` pairs, the first after `first`, the others after `next`. */
  | { readonly type: 'pairs'; readonly first: string; readonly next: string; readonly names: Names }

/** The names that pairs may have; `undefined` is any. */
export type Names = ReadonlySet<string> | undefined

const MAX_LENGTH = 2048
const MAX_PARTS = 64
const VARIABLE = /^([A-Za-z0-9_.%-]{1,128})(:\d{1,4}|\*)?$/

/** @returns `undefined` for what is no template, or is beyond the bounds */
export function parseTemplate(template: string): readonly Part[] | undefined {
  if (template.length > MAX_LENGTH) return undefined
  const parts: Part[] = []
  let at = 0
  while (at < template.length) {
    const open = template.indexOf('{', at)
    const text = template.slice(at, open < 0 ? undefined : open)
    if (text.includes('}')) return undefined
    if (text !== '') parts.push({ type: 'literal', text })
    if (open < 0) break
    const close = template.indexOf('}', open)
    const expressed = close < 0 ? undefined : parseExpression(template.slice(open + 1, close))
    if (expressed === undefined || parts.push(...expressed) > MAX_PARTS) return undefined
    at = close + 1
  }
  return parts
}

/** The operators are those of RFC 6570 §2.2; those reserved for the future give nothing. */
function parseExpression(text: string): Part[] | undefined {
  const operator = /^[+#./;?&=,!@|]/.exec(text)?.[0] ?? ''
  const variables = text
    .slice(operator.length)
    .split(',')
    .map((variable) => VARIABLE.exec(variable))
  const known = variables.filter((variable) => variable !== null)
  if (known.length < variables.length) return undefined
  const many = known.some(([, , modifier]) => modifier === '*')
  const names = many ? undefined : new Set(known.map(([, name]) => name as string))
  switch (operator) {
    case '':
    case '+':
      return [{ type: 'run', any: operator === '+' }]
    case '#':
      return [{ type: 'rest', mark: operator }]
    case '.':
    case '/':
      return many
        ? [{ type: 'segment', mark: operator, many }]
        : known.map(() => ({ type: 'segment', mark: operator, many }))
    case ';':
    case '?':
      return [{ type: 'pairs', first: operator, next: operator === ';' ? ';' : '&', names }]
    case '&':
      return [{ type: 'pairs', first: operator, next: operator, names }]
    default:
      return undefined
  }
}
