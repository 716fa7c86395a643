import { Budget, type RenderOptions } from './bounds.ts'
import { located, Places } from './errors.ts'
import { compile } from './evaluate.ts'
import { type Body, compileBody, render, shown } from './execute.ts'
import { Missing } from './missing.ts'
import type { Expression, Program } from './nodes.ts'
import { parse } from './parser.ts'
import { findReferences } from './references.ts'
import { toJson } from './values.ts'

/** A path into the data that a template reads, and where it does. */
export interface Reference {
  readonly path: readonly string[]
  readonly line: number
  readonly column: number
  /** Whether `default` stands ready for it to be missing. */
  readonly inDefault: boolean
  /** Whether it is only tested, by `if`, `with`, `and`, `or`, `not`: missing counts as false there. */
  readonly inCondition: boolean
}

export interface Template {
  /** @throws TemplateError */
  render(data: unknown, options?: RenderOptions): string
  /** As `render`; but a template that is one action and nothing else keeps the type of its value. @throws TemplateError */
  evaluate(data: unknown, options?: RenderOptions): unknown
  /** As `evaluate`, read as a condition: what is missing is false, and `eq` and `ne` take it for null. @throws TemplateError */
  test(data: unknown, options?: RenderOptions): unknown
  /** The references whose path is plain from the text; what only a run can tell is not among them. */
  references(): readonly Reference[]
}

/** Reads a template of Go's `text/template`. @throws TemplateError with the code `syntax` or `limit` */
export function parseTemplate(text: string): Template {
  return compileTemplate(text)
}

/** A template that can share its budget with others. */
export interface CompiledTemplate extends Template {
  run(data: unknown, budget: Budget): unknown
}

export function compileTemplate(text: string): CompiledTemplate {
  const program = located(text, () => parse(text))
  const body = link(program)
  const lone = loneExpression(program)
  const whole = (data: unknown, budget: Budget) => render(body, data, budget)
  const value = lone === undefined ? whole : loneValue(lone, false)
  const condition = lone === undefined ? whole : loneValue(lone, true)
  const guarded = <T>(work: (data: unknown, budget: Budget) => T, data: unknown, budget: Budget): T =>
    located(
      text,
      () => work(data, budget),
      () => budget.at,
    )
  return {
    render: (data, options) => guarded(whole, data ?? null, new Budget(options)),
    evaluate: (data, options) => guarded(value, data ?? null, new Budget(options)),
    test: (data, options) => guarded(condition, data ?? null, new Budget(options)),
    run: (data, budget) => guarded(value, data ?? null, budget),
    references: () => references(text, program),
  }
}

function link(program: Program): Body {
  const bodies = new Map<string, Body>()
  for (const [name, definition] of program.definitions)
    bodies.set(name, compileBody(definition, bodies, false))
  return compileBody(program.main, bodies, true)
}

/** The expression of a template that is one action and nothing else; definitions do not count. */
export function loneExpression({ main }: Program): Expression | undefined {
  const [only, ...others] = main.body
  if (only?.kind !== 'action' || others.length > 0 || only.value.kind === 'declaration') return undefined
  return only.value
}

function loneValue(expression: Expression, condition: boolean): (data: unknown, budget: Budget) => unknown {
  const evaluate = compile(expression, { relative: false, condition })
  return (data, budget) => {
    const frame = { budget, variables: [data], dot: data }
    const value = evaluate(frame)
    return condition && value instanceof Missing ? false : toJson(shown(value))
  }
}

function references(text: string, program: Program): Reference[] {
  const places = new Places(text)
  return findReferences(program).map(({ at, ...reference }) => ({ ...reference, ...places.of(at) }))
}
