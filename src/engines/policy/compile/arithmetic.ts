import { Datetime, Duration } from '../extensions/time.ts'
import { Fault, isLong, type Long, longOf, type Outcome, type Value } from '../values.ts'
import { longs, type Node, strict, typeFault, unary } from './node.ts'

const OVERFLOW = new Fault('integer overflow')

interface Operation {
  readonly quick: (a: number, b: number) => number
  readonly exact: (a: bigint, b: bigint) => bigint
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  '+': { quick: (a, b) => a + b, exact: (a, b) => a + b },
  '-': { quick: (a, b) => a - b, exact: (a, b) => a - b },
  '*': { quick: (a, b) => a * b, exact: (a, b) => a * b },
}

export function arithmetic(operator: '+' | '-' | '*', left: Node, right: Node): Node {
  const operation = OPERATIONS[operator] as Operation
  return strict(
    left,
    right,
    longs(operator, (a, b) => calculate(operation, a, b)),
  )
}

/** A product of zero and a negative number is no negative zero here. */
function calculate({ quick, exact }: Operation, a: Long, b: Long): Outcome {
  if (typeof a === 'number' && typeof b === 'number') {
    const result = quick(a, b)
    if (Number.isSafeInteger(result)) return result + 0
  }
  return longOf(exact(BigInt(a), BigInt(b))) ?? OVERFLOW
}

export function negation(arg: Node): Node {
  const fault = typeFault('-', 'an integer')
  return unary(arg, (value) => (isLong(value) ? (longOf(-BigInt(value)) ?? OVERFLOW) : fault))
}

const COMPARISONS: Readonly<Record<string, (a: Long, b: Long) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
}

/** Of integers, of moments, and of spans of time. */
export function comparison(operator: '<' | '<=' | '>' | '>=', left: Node, right: Node): Node {
  const compare = COMPARISONS[operator] as (a: Long, b: Long) => boolean
  const fault = typeFault(operator, 'integers')
  return strict(left, right, (a: Value, b: Value) => {
    if (isLong(a) && isLong(b)) return compare(a, b)
    if (a instanceof Datetime && b instanceof Datetime) return compare(a.ms, b.ms)
    return a instanceof Duration && b instanceof Duration ? compare(a.ms, b.ms) : fault
  })
}
