import { isObject } from '../../core/json.ts'
import { type Budget, Sink } from './bounds.ts'
import { sortedKeys } from './characters.ts'
import { Fault } from './errors.ts'
import { compile, holds, type Setting } from './evaluate.ts'
import type { Evaluate, Execute, Signal, WritingFrame } from './frame.ts'
import { Missing } from './missing.ts'
import type { Block, Conditional, Definition, Expression, Range, Statement } from './nodes.ts'
import { printValue } from './print.ts'
import { describe } from './values.ts'

const TOP: Setting = { relative: false, condition: false }
const INSIDE: Setting = { relative: true, condition: false }

/** A body made ready to run. */
export type Body = (frame: Pick<WritingFrame, 'budget' | 'out'>, data: unknown) => void

/** @param definitions filled by the caller before the first run; a body may call itself */
export function compileBody(
  definition: Definition,
  definitions: ReadonlyMap<string, Body>,
  main: boolean,
): Body {
  const run = new BodyCompiler(definitions).block(definition.body, main ? TOP : INSIDE)
  return ({ budget, out }, data) => {
    const variables = new Array<unknown>(definition.slots)
    variables[0] = data
    run({ budget, out, variables, dot: data })
  }
}

class BodyCompiler {
  readonly #definitions: ReadonlyMap<string, Body>

  constructor(definitions: ReadonlyMap<string, Body>) {
    this.#definitions = definitions
  }

  block(block: Block, setting: Setting): Execute {
    const statements = block.map((statement) => this.#statement(statement, setting))
    return (frame) => {
      for (const statement of statements) {
        const signal = statement(frame)
        if (signal !== undefined) return signal
      }
      return undefined
    }
  }

  #statement(statement: Statement, setting: Setting): Execute {
    switch (statement.kind) {
      case 'text':
        return writeText(statement.text)
      case 'action':
        return action(statement.value, setting, statement.at)
      case 'if':
      case 'with':
        return this.#conditional(statement, setting)
      case 'range':
        return this.#range(statement, setting)
      case 'template':
        return this.#template(statement.name, statement.value, setting)
      case 'break':
      case 'continue':
        return constantSignal(statement.kind)
    }
  }

  #conditional({ kind, branches, otherwise }: Conditional, setting: Setting): Execute {
    const moves = kind === 'with'
    const inner = moves ? { ...setting, relative: true } : setting
    const ready = branches.map(({ condition, body }) => ({
      test: compile(condition, { ...setting, condition: true }),
      body: this.block(body, inner),
    }))
    const last = this.block(otherwise, setting)
    return (frame) => {
      for (const { test, body } of ready) {
        frame.budget.step()
        const value = test(frame)
        if (holds(value)) return within(frame, body, moves ? value : frame.dot)
      }
      return within(frame, last, frame.dot)
    }
  }

  #range(range: Range, setting: Setting): Execute {
    const over = compile(range.over, setting)
    const body = this.block(range.body, { ...setting, relative: true })
    const otherwise = this.block(range.otherwise, setting)
    return (frame) => {
      frame.budget.at = range.at
      const loop = new Loop(frame, body, range)
      const ran = loop.over(over(frame))
      return ran ? undefined : within(frame, otherwise, frame.dot)
    }
  }

  #template(name: string, value: Expression | undefined, setting: Setting): Execute {
    const argument: Evaluate = value === undefined ? () => null : compile(value, setting)
    return (frame) => {
      const body = this.#definitions.get(name)
      if (body === undefined) throw new Fault('syntax', `there is no template ${JSON.stringify(name)}`)
      const data = argument(frame)
      frame.budget.step()
      frame.budget.enter()
      body(frame, data)
      frame.budget.leave()
      return undefined
    }
  }
}

function within(frame: WritingFrame, body: Execute, dot: unknown): Signal {
  const before = frame.dot
  frame.budget.enter()
  frame.dot = dot
  const signal = body(frame)
  frame.dot = before
  frame.budget.leave()
  return signal
}

function writeText(text: string): Execute {
  return ({ out }) => {
    out.write(text)
    return undefined
  }
}

function constantSignal(signal: Signal): Execute {
  return ({ budget }) => {
    budget.step()
    return signal
  }
}

/** A declaration writes nothing. */
function action(expression: Expression, setting: Setting, at: number): Execute {
  const evaluate = compile(expression, setting)
  const silent = expression.kind === 'declaration'
  return (frame) => {
    const value = evaluate(frame)
    if (silent) frame.budget.step()
    else if (typeof value === 'string') frame.out.write(value)
    else {
      frame.budget.at = at
      printValue(frame.out, shown(value))
    }
    return undefined
  }
}

/** @throws Fault `missing` */
export function shown(value: unknown): unknown {
  if (value instanceof Missing) throw value.fault()
  return value
}

/** One run of a `range`. */
class Loop {
  readonly #frame: WritingFrame
  readonly #body: Execute
  readonly #range: Range

  constructor(frame: WritingFrame, body: Execute, range: Range) {
    this.#frame = frame
    this.#body = body
    this.#range = range
  }

  /** Whether there was anything to go through. */
  over(value: unknown): boolean {
    const values = shown(value)
    if (values === null) return false
    if (Array.isArray(values)) return this.#list(values)
    if (isObject(values)) return this.#object(values)
    return this.#count(values)
  }

  #list(list: readonly unknown[]): boolean {
    for (let i = 0; i < list.length; i++) {
      if (this.#once(BigInt(i), list[i] ?? null) === 'break') break
    }
    return list.length > 0
  }

  #object(object: Record<string, unknown>): boolean {
    const keys = sortedKeys(object)
    this.#frame.budget.step(keys.length)
    for (const key of keys) if (this.#once(key, object[key] ?? null) === 'break') break
    return keys.length > 0
  }

  #count(value: unknown): boolean {
    const end = typeof value === 'bigint' ? Number(value) : value
    if (typeof end !== 'number' || !Number.isInteger(end)) {
      throw new Fault('type', `range takes a list, an object or a whole number, not ${describe(value)}`)
    }
    if (this.#range.keySlot !== undefined) throw new Fault('type', 'range over a number has one variable')
    for (let i = 0; i < end; i++) if (this.#once(undefined, BigInt(i)) === 'break') break
    return end > 0
  }

  #once(key: unknown, value: unknown): Signal {
    const { keySlot, valueSlot } = this.#range
    this.#frame.budget.step()
    if (keySlot !== undefined) this.#frame.variables[keySlot] = key
    if (valueSlot !== undefined) this.#frame.variables[valueSlot] = value
    return within(this.#frame, this.#body, value)
  }
}

export function render(body: Body, data: unknown, budget: Budget): string {
  const out = new Sink(budget)
  body({ budget, out }, data)
  return out.text
}
