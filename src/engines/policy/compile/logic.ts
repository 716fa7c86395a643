import { Fault, NOT_FALSE, NOT_TRUE, type Outcome, UNKNOWN, Unknown } from '../values.ts'
import { type Node, typeFault } from './node.ts'

const AND = typeFault('&&', 'true or false')
const OR = typeFault('||', 'true or false')
const NOT = typeFault('!', 'true or false')
const IF = typeFault('if', 'true or false')

export function and(left: Node, right: Node): Node {
  return (env) => {
    const a = left(env)
    if (a === false || a instanceof Fault) return a
    if (a === true) return truth(right(env), AND)
    return a instanceof Unknown ? andUnknown(a, right(env)) : AND
  }
}

/** The right side counts only where the left one is true. */
function andUnknown(a: Unknown, b: Outcome): Outcome {
  if (a.never === true || b === false || b instanceof Fault) return NOT_TRUE
  if (b === true) return a.never === undefined ? UNKNOWN : a
  if (!(b instanceof Unknown)) return NOT_TRUE
  if (b.never === true) return NOT_TRUE
  return a.never === false && b.never === false ? NOT_FALSE : UNKNOWN
}

export function or(left: Node, right: Node): Node {
  return (env) => {
    const a = left(env)
    if (a === true || a instanceof Fault) return a
    if (a === false) return truth(right(env), OR)
    return a instanceof Unknown ? orUnknown(a, right(env)) : OR
  }
}

/** The right side counts only where the left one is false. */
function orUnknown(a: Unknown, b: Outcome): Outcome {
  if (a.never === false || b === true || b instanceof Fault) return NOT_FALSE
  if (b === false) return a.never === undefined ? UNKNOWN : a
  if (!(b instanceof Unknown)) return NOT_FALSE
  if (b.never === false) return NOT_FALSE
  return a.never === true && b.never === true ? NOT_TRUE : UNKNOWN
}

export function not(arg: Node): Node {
  return (env) => {
    const value = arg(env)
    if (typeof value === 'boolean') return !value
    if (value instanceof Fault) return value
    if (!(value instanceof Unknown)) return NOT
    if (value.never === undefined) return UNKNOWN
    return value.never ? NOT_FALSE : NOT_TRUE
  }
}

export function choose(condition: Node, then: Node, otherwise: Node): Node {
  return (env) => {
    const is = condition(env)
    if (is === true) return then(env)
    if (is === false) return otherwise(env)
    if (is instanceof Fault) return is
    if (!(is instanceof Unknown)) return IF
    if (is.never === true) return orError(otherwise(env))
    if (is.never === false) return orError(then(env))
    return either(then(env), otherwise(env))
  }
}

/** What it is, if it is no error. */
function orError(outcome: Outcome): Outcome {
  if (outcome === true) return NOT_FALSE
  if (outcome === false) return NOT_TRUE
  if (outcome instanceof Fault) return outcome
  return outcome instanceof Unknown && outcome.never !== undefined ? outcome : UNKNOWN
}

function either(a: Outcome, b: Outcome): Outcome {
  const [one, other] = [orError(a), orError(b)]
  if (one instanceof Fault) return other
  return other instanceof Fault || one === other ? one : UNKNOWN
}

/** What is neither true nor false is an error where a truth value is wanted. */
function truth(outcome: Outcome, fault: Fault): Outcome {
  return typeof outcome === 'boolean' || outcome instanceof Fault || outcome instanceof Unknown
    ? outcome
    : fault
}
