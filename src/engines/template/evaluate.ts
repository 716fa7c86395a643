import { isObject } from '../../core/json.ts'
import type { Budget } from './bounds.ts'
import { Fault } from './errors.ts'
import type { Evaluate, Frame, Stage } from './frame.ts'
import { type Builtin, builtin } from './functions.ts'
import { Missing, type Trail } from './missing.ts'
import type { Call, Chain, Declaration, Expression, Field, Pipeline, Variable } from './nodes.ts'
import { isTrue } from './values.ts'

/** What is known of the place of an expression in the template. */
export interface Setting {
  /** Whether the dot is something else than the data that the template was called with. */
  readonly relative: boolean
  /** In a condition a missing reference is null to `eq` and `ne`; elsewhere they refuse it as all do. */
  readonly condition: boolean
}

/** Makes a function of an expression, once; running it does no look-ups but of the data. */
export function compile(expression: Expression, setting: Setting): Evaluate {
  switch (expression.kind) {
    case 'literal':
      return constant(expression.value)
    case 'nil':
      return constant(null)
    case 'dot':
      return (frame) => frame.dot
    case 'field':
      return compileField(expression, setting)
    case 'variable':
      return compileVariable(expression)
    case 'chain':
      return compileChain(expression, setting)
    case 'call':
      return compileCall(expression, setting)
    case 'pipeline':
      return compilePipeline(expression, setting)
    case 'declaration':
      return compileDeclaration(expression, setting)
  }
}

function constant(value: unknown): Evaluate {
  return () => value
}

function compileField({ path, at }: Field, { relative }: Setting): Evaluate {
  const trail: Trail = { base: relative ? '.' : '', path, at }
  return (frame) => follow(frame.dot, trail)
}

function compileVariable({ slot, name, path, at }: Variable): Evaluate {
  const trail: Trail = { base: name === '$' ? '' : name, path, at }
  const read = (frame: Frame) => {
    const value = frame.variables[slot]
    if (value === undefined) throw new Fault('value', `the variable ${name} has no value yet`, at)
    return value
  }
  return path.length === 0 ? read : (frame) => follow(read(frame), trail)
}

function compileChain({ of, path, at }: Chain, setting: Setting): Evaluate {
  const value = compile(of, setting)
  const trail: Trail = { base: '(…)', path, at }
  return (frame) => follow(value(frame), trail)
}

/** Only own members count, so that nothing of JavaScript shines through. */
function follow(start: unknown, trail: Trail): unknown {
  const { path } = trail
  let value = start
  for (let i = 0; i < path.length; i++) {
    const name = path[i] as string
    const parent = value
    value = isObject(parent) && Object.hasOwn(parent, name) ? parent[name] : undefined
    if (value === undefined) return parent instanceof Missing ? parent : new Missing(trail, i, parent)
  }
  return value
}

function compilePipeline({ first, stages }: Pipeline, setting: Setting): Evaluate {
  const start = compile(first, setting)
  if (stages.length === 0) return start
  const rest = stages.map((stage) => compileStage(stage, setting))
  return (frame) => {
    let value = start(frame)
    for (const stage of rest) value = stage(frame, value)
    return value
  }
}

function compileDeclaration({ slot, value }: Declaration, setting: Setting): Evaluate {
  const evaluate = compile(value, setting)
  return (frame) => {
    const result = evaluate(frame)
    frame.variables[slot] = result
    return result
  }
}

function compileCall(call: Call, setting: Setting): Evaluate {
  const args = compileArguments(call, setting)
  if (call.name === 'and' || call.name === 'or') return shortCircuit(call.name === 'or', args)
  const run = compileRun(call, setting)
  return (frame) => {
    const values = new Array<unknown>(args.length)
    for (let i = 0; i < args.length; i++) values[i] = (args[i] as Evaluate)(frame)
    return run(values, frame.budget)
  }
}

function compileStage(call: Call, setting: Setting): Stage {
  const args = compileArguments(call, setting)
  if (call.name === 'and' || call.name === 'or') {
    const isOr = call.name === 'or'
    return (frame, piped) => shortCircuit(isOr, [...args, () => piped])(frame)
  }
  const run = compileRun(call, setting)
  return (frame, piped) => {
    const values = args.map((argument) => argument(frame))
    values.push(piped)
    return run(values, frame.budget)
  }
}

function compileArguments({ name, args }: Call, setting: Setting): Evaluate[] {
  const tests = name === 'and' || name === 'or' || name === 'not'
  const inner = tests ? { ...setting, condition: true } : setting
  return args.map((argument) => compile(argument, inner))
}

/** The first argument that decides, or the last. */
function shortCircuit(isOr: boolean, args: readonly Evaluate[]): Evaluate {
  return (frame) => {
    let value: unknown
    for (const argument of args) {
      frame.budget.step()
      value = argument(frame)
      if (holds(value) === isOr) return value
    }
    return value
  }
}

function compileRun(call: Call, { condition }: Setting): (values: unknown[], budget: Budget) => unknown {
  const made = builtin(call.name)
  const comparesMissing = condition && (call.name === 'eq' || call.name === 'ne')
  return (values, budget) => {
    budget.at = call.at
    admit(made, values, comparesMissing)
    budget.step(cost(values))
    return made.run(values, budget)
  }
}

function admit(made: Builtin, values: unknown[], comparesMissing: boolean): void {
  if (made.takesMissing) return
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (!(value instanceof Missing)) continue
    if (!comparesMissing) throw value.fault()
    values[i] = null
  }
}

/** Functions go through the whole of the strings that they are given. */
function cost(values: readonly unknown[]): number {
  let steps = 1 + values.length
  for (const value of values) if (typeof value === 'string') steps += value.length >> 6
  return steps
}

/** Truth in a condition, where what is missing is false. */
export function holds(value: unknown): boolean {
  return !(value instanceof Missing) && isTrue(value)
}
