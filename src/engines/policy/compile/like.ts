import type { PatternElement } from '../ast.ts'
import { Fault, UNKNOWN, Unknown } from '../values.ts'
import { type Node, typeFault } from './node.ts'

const LIKE = typeFault('like', 'a text')

export function like(left: Node, pattern: readonly PatternElement[]): Node {
  const pieces = piecesOf(pattern)
  const [prefix = ''] = pieces
  return (env) => {
    const text = left(env)
    if (text instanceof Fault) return text
    if (text instanceof Unknown) return mayBegin(text, prefix) ? UNKNOWN : false
    return typeof text === 'string' ? matches(text, pieces) : LIKE
  }
}

function mayBegin({ text }: Unknown, prefix: string): boolean {
  return text === undefined || text.prefix.startsWith(prefix) || prefix.startsWith(text.prefix)
}

/** The texts between wildcards. */
function piecesOf(pattern: readonly PatternElement[]): string[] {
  const pieces = ['']
  for (const element of pattern) {
    if (element === 'Wildcard') pieces.push('')
    else pieces[pieces.length - 1] += element.Literal
  }
  return pieces
}

/** Each piece in its turn, as early as can be; the last one at the end. */
function matches(text: string, pieces: readonly string[]): boolean {
  const [first = ''] = pieces
  if (pieces.length === 1) return text === first
  const last = pieces.at(-1) as string
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last))
    return false
  const end = text.length - last.length
  let at = first.length
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, at)
    if (found < 0 || found + piece.length > end) return false
    at = found + piece.length
  }
  return true
}
