import { MAX_PATH } from './bounds.ts'
import { Fault } from './errors.ts'
import { checkArguments, isFunction } from './functions.ts'
import type { Token } from './lexer.ts'
import { literalValue, unquote } from './literals.ts'
import type { Call, Expression } from './nodes.ts'
import type { Scope } from './scope.ts'
import { type Tokens, unexpected } from './tokens.ts'

/** The functions that the infix operators of older templates stand for. */
const COMPARISONS: Readonly<Record<string, string>> = {
  '==': 'eq',
  '!=': 'ne',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
}

/** Reads what stands in an action: pipelines, commands, operands. */
export class ExpressionReader {
  readonly #tokens: Tokens
  readonly #scope: Scope

  constructor(tokens: Tokens, scope: Scope) {
    this.#tokens = tokens
    this.#scope = scope
  }

  /** `$x := pipeline`, `$x = pipeline` or `pipeline`. The caller reads the closing token. */
  pipeline(): Expression {
    const variable = this.#tokens.take('variable')
    if (variable === undefined) return this.stages()
    if (this.#tokens.at('punctuation', ':=') || this.#tokens.at('punctuation', '=')) {
      const declares = this.#tokens.next().text === ':='
      return this.#declaration(variable, declares)
    }
    if (this.#tokens.at('punctuation', ',')) {
      throw new Fault('syntax', 'only range declares two variables', this.#tokens.peek().offset)
    }
    return this.stages(variable)
  }

  #declaration(variable: Token, declares: boolean): Expression {
    const assigned = declares ? undefined : this.#scope.find(variable.text, variable.offset)
    const value = this.stages()
    const slot = assigned ?? this.#scope.declare(variable.text)
    return { kind: 'declaration', slot, value, at: variable.offset }
  }

  /** @param variable a token that was read already */
  stages(variable?: Token): Expression {
    const at = variable?.offset ?? this.#tokens.peek().offset
    const first = this.#or(variable)
    const stages: Call[] = []
    while (this.#tokens.take('punctuation', '|') !== undefined && !this.#atClose()) stages.push(this.#stage())
    if (stages.length === 0) return this.#checked(first, false)
    return { kind: 'pipeline', first: this.#checked(first, false), stages, at }
  }

  /** Go lets a `|` stand at the end. */
  #atClose(): boolean {
    return this.#tokens.at('close') || this.#tokens.at('punctuation', ')')
  }

  #stage(): Call {
    const { offset } = this.#tokens.peek()
    const stage = this.#command()
    if (stage.kind !== 'call')
      throw new Fault('syntax', 'behind | stands a function, as in {{.x | json}}', offset)
    return this.#checked(stage, true) as Call
  }

  /** Functions that are operands on their own were checked where they were read. */
  #checked(expression: Expression, piped: boolean): Expression {
    if (expression.kind === 'call') checkArguments(expression, expression.args.length + (piped ? 1 : 0))
    return expression
  }

  #or(variable?: Token): Expression {
    return this.#joined('||', 'or', () => this.#and(variable))
  }

  #and(variable?: Token): Expression {
    return this.#joined('&&', 'and', () => this.#comparison(variable))
  }

  /** `a || b || c` is one call, so that a long chain is not a deep one. */
  #joined(operator: string, name: string, read: () => Expression): Expression {
    const first = read()
    if (!this.#tokens.at('operator', operator)) return first
    const args = [this.#checked(first, false)]
    const at = this.#tokens.peek().offset
    while (this.#tokens.take('operator', operator) !== undefined) {
      args.push(this.#checked(operator === '||' ? this.#and() : this.#comparison(), false))
    }
    return { kind: 'call', name, args, at }
  }

  #comparison(variable?: Token): Expression {
    const start = variable ?? this.#tokens.peek()
    const left = this.#command(variable)
    const operator = this.#tokens.peek()
    const name = operator.kind === 'operator' ? COMPARISONS[operator.text] : undefined
    if (name === undefined) return left
    this.#tokens.next()
    const second = this.#tokens.peek()
    const right = this.#command()
    const args = [this.#side(left, start), this.#side(right, second)]
    return { kind: 'call', name, args, at: operator.offset }
  }

  /** Between operators single quotes make a string, even around one character. */
  #side(expression: Expression, token: Token): Expression {
    if (token.kind === 'char' && expression.kind === 'literal') {
      return { ...expression, value: unquote(token.text, token.offset) }
    }
    return this.#checked(expression, false)
  }

  /** A function with its arguments, or one operand. */
  #command(variable?: Token): Expression {
    const start = variable ?? this.#tokens.peek()
    const first = this.#operand(variable)
    if (first === undefined) throw unexpected(start, 'a value is expected, such as .params.x or "text"')
    const args: Expression[] = []
    while (this.#tokens.peek().spaced) {
      const argument = this.#operand()
      if (argument === undefined) break
      if (argument.kind === 'call' && argument.args.length === 0) this.#checked(argument, false)
      args.push(argument)
    }
    this.#expectEnd()
    if (args.length === 0) return this.#alone(first, start)
    if (start.kind !== 'name' || first.kind !== 'call') {
      throw new Fault('syntax', `${start.text} takes no arguments, it is not a function`, start.offset)
    }
    return { ...first, args }
  }

  #alone(first: Expression, start: Token): Expression {
    if (first.kind === 'nil') throw new Fault('syntax', 'nil on its own is no value here', start.offset)
    return first
  }

  /** Two operands need a space between them. */
  #expectEnd(): void {
    const token = this.#tokens.peek()
    const ends =
      token.kind === 'close' ||
      token.kind === 'operator' ||
      (token.kind === 'punctuation' && '|),'.includes(token.text))
    if (!ends) throw unexpected(token, 'operands are separated by spaces')
  }

  #operand(variable?: Token): Expression | undefined {
    const start = variable ?? this.#tokens.peek()
    const term = this.#term(variable)
    if (term === undefined) return undefined
    const path = this.#fields()
    if (path.length === 0) return term
    if (term.kind === 'field' || term.kind === 'variable')
      return { ...term, path: bounded([...term.path, ...path], start) }
    if (term.kind === 'literal' || term.kind === 'nil' || term.kind === 'dot') {
      throw new Fault('syntax', `${start.text} has no fields`, start.offset)
    }
    return { kind: 'chain', of: this.#checked(term, false), path: bounded(path, start), at: start.offset }
  }

  #fields(): string[] {
    const path: string[] = []
    while (this.#tokens.at('field') && !this.#tokens.peek().spaced)
      path.push(this.#tokens.next().text.slice(1))
    return path
  }

  #term(variable?: Token): Expression | undefined {
    if (variable !== undefined) return this.#variable(variable)
    const token = this.#tokens.peek()
    const at = token.offset
    switch (token.kind) {
      case 'variable':
        return this.#variable(this.#tokens.next())
      case 'field':
        return { kind: 'field', path: [this.#tokens.next().text.slice(1)], at }
      case 'dot':
        this.#tokens.next()
        return { kind: 'dot', at }
      case 'string':
      case 'char':
      case 'number':
        return { kind: 'literal', value: literalValue(this.#tokens.next()), at }
      case 'name':
        return this.#name(this.#tokens.next())
      case 'keyword':
        return this.#tokens.take('keyword', 'nil') && { kind: 'nil', at }
      case 'punctuation':
        return this.#tokens.take('punctuation', '(') && this.#parenthesized(at)
      default:
        return undefined
    }
  }

  #variable(token: Token): Expression {
    const slot = this.#scope.find(token.text, token.offset)
    return { kind: 'variable', name: token.text, slot, path: [], at: token.offset }
  }

  #name(token: Token): Expression {
    if (token.text === 'true' || token.text === 'false') {
      return { kind: 'literal', value: token.text === 'true', at: token.offset }
    }
    if (!isFunction(token.text)) throw unknownFunction(token)
    return { kind: 'call', name: token.text, args: [], at: token.offset }
  }

  #parenthesized(at: number): Expression {
    const inner = this.#scope.nested(() => this.pipeline(), at)
    if (this.#tokens.take('punctuation', ')') === undefined)
      throw unexpected(this.#tokens.peek(), 'a ")" is missing')
    // Kept as a pipeline, so that it is taken neither for a function without its arguments nor for a whole action.
    return inner.kind === 'call' || inner.kind === 'declaration'
      ? { kind: 'pipeline', first: inner, stages: [], at }
      : inner
  }
}

function bounded(path: string[], start: Token): string[] {
  if (path.length <= MAX_PATH) return path
  throw new Fault('limit', `a reference of more than ${MAX_PATH} names`, start.offset)
}

function unknownFunction(token: Token): Fault {
  const hint = `for data write .${token.text}, for text "${token.text}"`
  return new Fault(
    'syntax',
    `there is no function ${JSON.stringify(token.text.slice(0, 40))}; ${hint}`,
    token.offset,
  )
}
