import type { Block, Call, Expression, Program, Statement } from './nodes.ts'

/** A path into the data that a template reads. */
interface FoundReference {
  readonly path: readonly string[]
  readonly at: number
  /** Whether `default` stands ready for it to be missing. */
  readonly inDefault: boolean
  /** Whether it is tested by `if`, `with`, `and`, `or` or `not`, where missing counts as false. */
  readonly inCondition: boolean
}

/** Templates within templates can multiply paths without end. */
const MAX_REFERENCES = 10_000
const MAX_VISITS = 100_000

type Path = readonly string[] | undefined

/** What is known of the data at one place: a path, or `undefined` for what only a run can tell. */
interface Known {
  readonly dot: Path
  readonly variables: Path[]
  /** Templates that are being looked into, against recursion. */
  readonly within: readonly string[]
}

interface Guard {
  readonly inDefault: boolean
  readonly inCondition: boolean
}

const UNGUARDED: Guard = { inDefault: false, inCondition: false }
const TESTED: Guard = { inDefault: false, inCondition: true }
const DEFAULTED: Guard = { inDefault: true, inCondition: false }

/** All references whose path into the data is plain from the text, through `with`, variables and templates. */
export function findReferences(program: Program): FoundReference[] {
  const finder = new Finder(program)
  finder.block(program.main.body, { dot: [], variables: [[]], within: [] })
  return finder.found
}

class Finder {
  readonly found: FoundReference[] = []
  readonly #program: Program
  #visits = 0

  constructor(program: Program) {
    this.#program = program
  }

  block(block: Block, known: Known): void {
    for (const statement of block) {
      if (++this.#visits > MAX_VISITS) return
      this.#statement(statement, known)
    }
  }

  #statement(statement: Statement, known: Known): void {
    switch (statement.kind) {
      case 'action':
        this.#expression(statement.value, known, UNGUARDED)
        return
      case 'if':
      case 'with':
        for (const { condition, body } of statement.branches) {
          const path = this.#expression(condition, known, TESTED)
          this.block(body, statement.kind === 'with' ? { ...known, dot: path } : known)
        }
        this.block(statement.otherwise, known)
        return
      case 'range':
        this.#expression(statement.over, known, UNGUARDED)
        for (const slot of [statement.keySlot, statement.valueSlot]) {
          if (slot !== undefined) known.variables[slot] = undefined
        }
        this.block(statement.body, { ...known, dot: undefined })
        this.block(statement.otherwise, known)
        return
      case 'template':
        this.#template(statement.name, statement.value, known)
    }
  }

  #template(name: string, value: Expression | undefined, known: Known): void {
    const path = value === undefined ? undefined : this.#expression(value, known, UNGUARDED)
    const definition = this.#program.definitions.get(name)
    if (definition === undefined || known.within.includes(name)) return
    this.block(definition.body, { dot: path, variables: [path], within: [...known.within, name] })
  }

  /** Notes the references in `expression`; returns the path that it is, if it is one. */
  #expression(expression: Expression, known: Known, guard: Guard): Path {
    switch (expression.kind) {
      case 'dot':
        return known.dot
      case 'field':
        return this.#note(known.dot, expression.path, expression.at, guard)
      case 'variable':
        return this.#note(known.variables[expression.slot], expression.path, expression.at, guard)
      case 'chain':
        return this.#note(
          this.#expression(expression.of, known, guard),
          expression.path,
          expression.at,
          guard,
        )
      case 'declaration': {
        const path = this.#expression(expression.value, known, guard)
        known.variables[expression.slot] = path
        return path
      }
      case 'pipeline':
        return this.#stages(expression.first, expression.stages, known, guard)
      case 'call':
        return this.#call(expression, known, guard)
      default:
        return undefined
    }
  }

  #stages(first: Expression, stages: readonly Call[], known: Known, guard: Guard): Path {
    const [second] = stages
    if (second === undefined) return this.#expression(first, known, guard)
    this.#expression(first, known, guardBy(second.name, true))
    for (const stage of stages)
      for (const argument of stage.args) this.#expression(argument, known, guardBy(stage.name, false))
    return undefined
  }

  #call(call: Call, known: Known, guard: Guard): Path {
    if (call.name === 'index') return this.#index(call, known, guard)
    call.args.forEach((argument, i) => {
      const compared = (call.name === 'eq' || call.name === 'ne') && guard.inCondition
      this.#expression(argument, known, compared ? TESTED : guardBy(call.name, i === 1))
    })
    return undefined
  }

  /** `index .steps "my-step" "output"` is a path too. */
  #index({ args: [base, ...keys], at }: Call, known: Known, guard: Guard): Path {
    const names = keys.map((key) =>
      key.kind === 'literal' && typeof key.value === 'string' ? key.value : undefined,
    )
    for (const key of keys) this.#expression(key, known, UNGUARDED)
    const path = base === undefined ? undefined : this.#expression(base, known, guard)
    return this.#note(path, names, at, guard)
  }

  #note(base: Path, names: readonly (string | undefined)[], at: number, guard: Guard): Path {
    if (base === undefined || names.includes(undefined)) return undefined
    const path = [...base, ...(names as readonly string[])]
    if (names.length > 0 && this.found.length < MAX_REFERENCES) this.found.push({ path, at, ...guard })
    return path
  }
}

/** @param isValue whether it is the value of `default`, not what stands in for it */
function guardBy(name: string, isValue: boolean): Guard {
  if (name === 'default') return isValue ? DEFAULTED : UNGUARDED
  return name === 'and' || name === 'or' || name === 'not' ? TESTED : UNGUARDED
}
