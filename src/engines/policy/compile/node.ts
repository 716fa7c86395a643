import type { Env } from '../env.ts'
import {
  type EntityRef,
  Fault,
  isLong,
  isOdd,
  type Long,
  type Outcome,
  UNKNOWN,
  Unknown,
  type Value,
} from '../values.ts'

/** An expression, ready to be evaluated. */
export type Node = (env: Env) => Outcome

/** Both sides are evaluated whatever they are; `apply` gets values. */
export function strict(left: Node, right: Node, apply: (a: Value, b: Value) => Outcome): Node {
  return (env) => {
    const a = left(env)
    if (a instanceof Fault) return a
    const b = right(env)
    if (b instanceof Fault) return b
    if (a instanceof Unknown || b instanceof Unknown) return UNKNOWN
    return apply(a, b)
  }
}

export function unary(arg: Node, apply: (value: Value) => Outcome): Node {
  return (env) => {
    const value = arg(env)
    if (value instanceof Fault) return value
    return value instanceof Unknown ? UNKNOWN : apply(value)
  }
}

/** In the order in which they are written; the first error counts. */
export function list(nodes: readonly Node[], make: (values: readonly Value[]) => Outcome): Node {
  return (env) => {
    let isKnown = true
    const values: Value[] = []
    for (const node of nodes) {
      const value = node(env)
      if (value instanceof Fault) return value
      if (isOdd(value)) isKnown = false
      else values.push(value)
    }
    return isKnown ? make(values) : UNKNOWN
  }
}

export function longs(
  operator: string,
  apply: (a: Long, b: Long) => Outcome,
): (a: Value, b: Value) => Outcome {
  const fault = typeFault(operator, 'integers')
  return (a, b) => (isLong(a) && isLong(b) ? apply(a, b) : fault)
}

export function typeFault(operator: string, wanted: string): Fault {
  return new Fault(`type error: ${operator} wants ${wanted}`)
}

export type Find = (env: Env, ref: EntityRef) => ReturnType<Env['entities']['find']>

export const find: Find = ({ entities }, { key }) => entities.find(key)
