import { Decimal } from './extensions/decimal.ts'
import { FUNCTIONS } from './extensions/functions.ts'
import { isMarked, longOfMarked } from './integers.ts'
import { EntityRef, Fault, isOdd, type Outcome, PlainRecord, SetValue, type Value } from './values.ts'

/** Bounds of one claim or argument that policies look at. */
const MOST_VALUES = 10_000
const DEEPEST = 16

interface Budget {
  left: number
}

type Escape = (object: Readonly<Record<string, unknown>>) => Outcome | undefined

/**
 * A value of JSON as Cedar has it: integers as integers, other numbers as decimals, lists as sets, objects as
 * records. `undefined` is null. What Cedar has no value for (a number with more than four digits after the point,
 * null within something) is an error for whoever looks at it.
 */
export function valueOfJson(json: unknown): Outcome | undefined {
  return json === null || json === undefined
    ? undefined
    : convert(json, { budget: { left: MOST_VALUES }, depth: 0, escape: () => undefined })
}

/** As `valueOfJson`, with the escapes `__entity` and `__extn` (Cedar, JSON entity format). */
export function valueOfEntityJson(json: unknown): Outcome {
  const context = { budget: { left: Number.POSITIVE_INFINITY }, depth: 0, escape: escaped }
  return convert(json, context)
}

interface Context {
  readonly budget: Budget
  readonly depth: number
  readonly escape: Escape
}

function convert(json: unknown, context: Context): Outcome {
  if (--context.budget.left < 0) return new Fault('it is too large to be judged')
  if (context.depth > DEEPEST) return new Fault('it is nested too deeply to be judged')
  switch (typeof json) {
    case 'boolean':
      return json
    case 'string':
      return isMarked(json) ? longOfMarked(json) : json
    case 'number':
      return numberOf(json)
    case 'object':
      return json === null ? new Fault('null has no value') : composed(json, context)
    default:
      return new Fault('it is no value of JSON')
  }
}

function numberOf(json: number): Outcome {
  if (Number.isSafeInteger(json)) return json + 0
  const text = String(json)
  const whole = Number.isInteger(json) ? new Fault('an integer beyond what is exact') : Decimal.parse(text)
  return whole ?? new Fault(`the number ${text} is no decimal with up to four digits after the point`)
}

function composed(json: object, context: Context): Outcome {
  const below = { ...context, depth: context.depth + 1 }
  if (Array.isArray(json)) {
    const items = json.map((item: unknown) => convert(item, below))
    return items.find(isOdd) ?? new SetValue(items as Value[])
  }
  const special = context.escape(json as Record<string, unknown>)
  if (special !== undefined) return special
  const members = Object.entries(json).map(([name, value]) => [name, convert(value, below)] as const)
  const odd = members.find(([, value]) => isOdd(value))
  return odd?.[1] ?? new PlainRecord(new Map(members as [string, Value][]))
}

function escaped(object: Readonly<Record<string, unknown>>): Outcome | undefined {
  const { __entity: entity, __extn: extension } = object
  if (entity !== undefined) {
    const { type, id } = entity as { type: string; id: string }
    return new EntityRef(type, id)
  }
  if (extension === undefined) return undefined
  const { fn, arg, args = [arg] } = extension as { fn: string; arg?: unknown; args?: unknown[] }
  const values = args.map(valueOfEntityJson)
  return values.find(isOdd) ?? FUNCTIONS.get(fn)?.apply(values as Value[]) ?? new Fault(`there is no ${fn}`)
}
