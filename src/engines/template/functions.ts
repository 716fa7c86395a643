import { type Budget, Sink } from './bounds.ts'
import { equals, equalsAny, inOrder } from './compare.ts'
import { Fault } from './errors.ts'
import { escapeHtml, escapeJs, escapeQuery, quoteBody } from './escape.ts'
import { elementAt, lengthOf, sliceOf } from './indexing.ts'
import { readJson, writeJson } from './json.ts'
import { Missing } from './missing.ts'
import type { Call } from './nodes.ts'
import { printAll, printValue } from './print.ts'
import { printf } from './printf.ts'
import { describe, isTrue } from './values.ts'

/** Of the text that is escaped at a time, in UTF-16 units. */
const PIECE = 4096

export interface Builtin {
  readonly least: number
  readonly most: number
  /** Whether it can be given what the data do not have. */
  readonly takesMissing?: true
  run(args: readonly unknown[], budget: Budget): unknown
}

/** A function that makes text by writing it. */
function writer(least: number, write: (sink: Sink, args: readonly unknown[]) => void): Builtin {
  return {
    least,
    most: Number.POSITIVE_INFINITY,
    run(args, budget) {
      const sink = new Sink(budget)
      write(sink, args)
      return sink.text
    },
  }
}

/** A function that escapes the text of its arguments, piece by piece, so that a limit can stop it. */
function escaper(escapeText: (text: string) => string): Builtin {
  return writer(0, (sink, args) => {
    const plain = new Sink(sink.budget)
    printAll(plain, args)
    for (const piece of pieces(plain.text)) sink.write(escapeText(piece))
  })
}

function* pieces(text: string): Iterable<string> {
  let start = 0
  while (start < text.length) {
    const end = start + PIECE
    const splitsPair = (text.charCodeAt(end) & 0xfc00) === 0xdc00
    const next = splitsPair ? end + 1 : end
    yield text.slice(start, next)
    start = next
  }
}

function comparison(run: (a: unknown, b: unknown) => boolean): Builtin {
  return { least: 2, most: 2, run: ([a, b]) => run(a, b) }
}

const ANY = Number.POSITIVE_INFINITY

/** `and` and `or` are not run from here: they leave arguments unevaluated. */
const BUILTINS: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ['and', { least: 1, most: ANY, takesMissing: true, run: (args) => args.at(-1) }],
  ['or', { least: 1, most: ANY, takesMissing: true, run: (args) => args.at(-1) }],
  [
    'not',
    { least: 1, most: 1, takesMissing: true, run: ([value]) => value instanceof Missing || !isTrue(value) },
  ],
  [
    'default',
    { least: 2, most: 2, takesMissing: true, run: ([otherwise, value]) => fallback(otherwise, value) },
  ],
  ['eq', { least: 2, most: ANY, run: ([first, ...others]) => equalsAny(first, others) }],
  ['ne', comparison((a, b) => !equals(a, b))],
  ['lt', comparison((a, b) => inOrder('lt', a, b))],
  ['le', comparison((a, b) => inOrder('le', a, b))],
  ['gt', comparison((a, b) => inOrder('gt', a, b))],
  ['ge', comparison((a, b) => inOrder('ge', a, b))],
  ['len', { least: 1, most: 1, run: ([value], budget) => lengthOf(value, budget) }],
  ['index', { least: 1, most: ANY, run: ([value, ...keys], budget) => elementAt(value, keys, budget) }],
  ['slice', { least: 1, most: 4, run: ([value, ...bounds], budget) => sliceOf(value, bounds, budget) }],
  ['print', writer(0, printAll)],
  ['println', writer(0, printLine)],
  ['printf', writer(1, (sink, [format, ...args]) => printf(sink, text('printf', format), args))],
  ['html', escaper(escapeHtml)],
  ['js', escaper(escapeJs)],
  ['urlquery', escaper(escapeQuery)],
  ['json', { ...writer(1, (sink, [value]) => writeJson(sink, value)), most: 1 }],
  ['quote', { ...writer(1, writeQuoted), most: 1 }],
  ['fromJson', { least: 1, most: 1, run: ([value]) => readJson(text('fromJson', value)) }],
  ['call', { least: 1, most: ANY, run: ([value]) => notCallable(value) }],
])

export function isFunction(name: string): boolean {
  return BUILTINS.has(name)
}

/** @throws Fault `type` at the first argument that the function cannot be given */
export function builtin(name: string): Builtin {
  const found = BUILTINS.get(name)
  if (found === undefined) throw new Fault('syntax', `there is no function ${JSON.stringify(name)}`)
  return found
}

export function checkArguments(call: Call, count: number): void {
  const { least, most } = builtin(call.name)
  if (count >= least && count <= most) return
  const wanted = least === most ? `${least}` : most === ANY ? `at least ${least}` : `${least} to ${most}`
  throw new Fault(
    'syntax',
    `${call.name} takes ${wanted} argument${wanted === '1' ? '' : 's'}, not ${count}`,
    call.at,
  )
}

function writeQuoted(sink: Sink, args: readonly unknown[]): void {
  const plain = new Sink(sink.budget)
  printAll(plain, args)
  sink.write('"')
  for (const piece of pieces(plain.text)) sink.write(quoteBody(piece))
  sink.write('"')
}

/** What is missing, null or an empty string gives way; false, 0 and empty lists are values and stay. */
function fallback(otherwise: unknown, value: unknown): unknown {
  return value instanceof Missing || value === null || value === '' ? otherwise : value
}

function printLine(sink: Sink, args: readonly unknown[]): void {
  args.forEach((value, i) => {
    if (i > 0) sink.write(' ')
    printValue(sink, value)
  })
  sink.write('\n')
}

function text(name: string, value: unknown): string {
  if (typeof value === 'string') return value
  throw new Fault('type', `${name} takes a string first, not ${describe(value)}`)
}

function notCallable(value: unknown): never {
  throw new Fault('type', `call: ${describe(value)} cannot be called; the data hold no functions`)
}
