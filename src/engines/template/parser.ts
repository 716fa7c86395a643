import { MAX_TEXT } from './bounds.ts'
import { Fault } from './errors.ts'
import { ExpressionReader } from './expression.ts'
import type { Token } from './lexer.ts'
import { unquote } from './literals.ts'
import type { Block, Conditional, Definition, Expression, Program, Statement } from './nodes.ts'
import { Scope } from './scope.ts'
import { Tokens, unexpected } from './tokens.ts'

/** @throws Fault */
export function parse(text: string): Program {
  if (text.length > MAX_TEXT)
    throw new Fault('limit', `the template is longer than ${MAX_TEXT} characters`, 0)
  return new Parser(new Tokens(text)).program()
}

interface Shared {
  readonly definitions: Map<string, Definition>
  /** Calls of templates that may be defined further on. */
  readonly calls: Token[]
}

type Loop = Pick<Extract<Statement, { kind: 'range' }>, 'over' | 'keySlot' | 'valueSlot'>

/** Reads one body. The bodies of `define` and `block` have a parser each, for they see no variables from outside. */
class Parser {
  readonly #tokens: Tokens
  readonly #shared: Shared
  readonly #scope: Scope
  readonly #expressions: ExpressionReader

  constructor(tokens: Tokens, shared: Shared = { definitions: new Map(), calls: [] }, scope = new Scope()) {
    this.#tokens = tokens
    this.#shared = shared
    this.#scope = scope
    this.#expressions = new ExpressionReader(tokens, scope)
  }

  program(): Program {
    const body: Statement[] = []
    for (;;) {
      this.#block(body)
      if (this.#tokens.at('end')) break
      const keyword = this.#tokens.next()
      if (keyword.text !== 'define') throw unexpected(keyword, 'no {{if}}, {{range}} or {{with}} is open')
      this.#define()
    }
    const { definitions, calls } = this.#shared
    for (const call of calls) checkDefined(call, definitions)
    return { main: { body, slots: this.#scope.slots }, definitions }
  }

  #define(): void {
    const name = this.#templateName()
    this.#close('{{define "name"}}')
    this.#shared.definitions.set(name.text, this.#definition(name))
  }

  /** Up to and with the `{{end}}`. An empty body never replaces one that is not, as in Go. */
  #definition(name: Token): Definition {
    const inner = new Parser(this.#tokens, this.#shared, new Scope(this.#scope.nesting + 1))
    const definition = inner.#scope.nested(() => inner.#ended(), name.offset)
    const earlier = this.#shared.definitions.get(name.text)
    if (earlier === undefined || isEmpty(earlier.body)) return definition
    if (isEmpty(definition.body)) return earlier
    throw new Fault('syntax', `the template ${JSON.stringify(name.text)} is defined twice`, name.offset)
  }

  #ended(): Definition {
    const body = this.#block([])
    this.#end()
    return { body, slots: this.#scope.slots }
  }

  /**
   * Reads statements into `body` until a keyword that belongs to somebody else: `else`, `end`, `define`,
   * which is the next token then, its `{{` read.
   */
  #block(body: Statement[]): Block {
    for (;;) {
      if (this.#tokens.at('end')) return body
      const token = this.#tokens.next()
      if (token.kind === 'text') body.push({ kind: 'text', text: token.text })
      else if (this.#atOuter()) return body
      else body.push(this.#action())
    }
  }

  #atOuter(): boolean {
    const { kind, text } = this.#tokens.peek()
    return kind === 'keyword' && (text === 'end' || text === 'else' || text === 'define')
  }

  #action(): Statement {
    const start = this.#tokens.peek()
    if (start.kind !== 'keyword' || start.text === 'nil') return this.#value(start)
    this.#tokens.next()
    switch (start.text) {
      case 'if':
      case 'with':
        return this.#scope.block(() => this.#conditional(start), start.offset)
      case 'range':
        return this.#scope.block(() => this.#range(start), start.offset)
      case 'template':
        return this.#template()
      case 'block':
        return this.#blockAction()
      default:
        return this.#jump(start)
    }
  }

  #value(start: Token): Statement {
    const value = this.#expressions.pipeline()
    this.#close('an action ends with }}')
    return { kind: 'action', value, at: start.offset }
  }

  #jump(start: Token): Statement {
    this.#close(`{{${start.text}}} takes nothing more`)
    if (!this.#scope.inLoop)
      throw new Fault('syntax', `{{${start.text}}} outside of a {{range}}`, start.offset)
    return { kind: start.text === 'break' ? 'break' : 'continue' }
  }

  #conditional(start: Token): Conditional {
    const kind = start.text === 'if' ? 'if' : 'with'
    const branches: { condition: Expression; body: Block }[] = []
    for (;;) {
      const condition = this.#expressions.pipeline()
      this.#close(`{{${kind}}} takes one value`)
      branches.push({ condition, body: this.#block([]) })
      if (!this.#else(start)) return { kind, branches, otherwise: [] }
      if (this.#tokens.take('keyword', kind) !== undefined) continue
      return { kind, branches, otherwise: this.#otherwise(start) }
    }
  }

  #range(start: Token): Statement {
    const loop = this.#loop()
    this.#close('{{range}} takes one value')
    const body = this.#scope.loop(() => this.#block([]))
    const otherwise = this.#else(start) ? this.#otherwise(start) : []
    return { kind: 'range', ...loop, body, otherwise, at: start.offset }
  }

  /** `$key, $value := over`, `$value := over`, the same with `=`, or just `over`. */
  #loop(): Loop {
    const first = this.#tokens.take('variable')
    const comma = first && this.#tokens.take('punctuation', ',')
    const second = comma && this.#tokens.expect('variable', 'range declares $key, $value := …')
    if (first === undefined)
      return { over: this.#expressions.stages(), keySlot: undefined, valueSlot: undefined }
    const declares = this.#tokens.take('punctuation', ':=') !== undefined
    if (!declares && this.#tokens.take('punctuation', '=') === undefined) {
      if (second !== undefined) throw unexpected(this.#tokens.peek(), 'range declares $key, $value := …')
      return { over: this.#expressions.stages(first), keySlot: undefined, valueSlot: undefined }
    }
    const over = this.#expressions.stages()
    const slot = (name: Token) =>
      declares ? this.#scope.declare(name.text) : this.#scope.find(name.text, name.offset)
    if (second === undefined) return { over, keySlot: undefined, valueSlot: slot(first) }
    return { over, keySlot: slot(first), valueSlot: slot(second) }
  }

  /** Whether an `else` comes, which is read then; otherwise the `end` has been read. */
  #else(start: Token): boolean {
    if (this.#tokens.take('keyword', 'else') !== undefined) return true
    this.#end(start)
    return false
  }

  #otherwise(start: Token): Block {
    this.#close(
      `after {{else stands }}, or {{else ${start.text === 'with' ? 'with' : 'if'} …}} of an {{if}} or {{with}}`,
    )
    const body = this.#block([])
    this.#end(start)
    return body
  }

  #end(start?: Token): void {
    if (this.#tokens.at('end') && start !== undefined) {
      throw new Fault('syntax', `this {{${start.text}}} is not closed; write {{end}}`, start.offset)
    }
    const token = this.#tokens.next()
    if (token.kind !== 'keyword' || token.text !== 'end')
      throw unexpected(token, 'an {{end}} is missing before it')
    this.#close('{{end}} takes nothing more')
  }

  #template(): Statement {
    const name = this.#templateName()
    this.#shared.calls.push(name)
    const value = this.#tokens.at('close') ? undefined : this.#expressions.pipeline()
    this.#close('{{template "name" value}} takes one value')
    return { kind: 'template', name: name.text, value, at: name.offset }
  }

  #blockAction(): Statement {
    const name = this.#templateName()
    const value = this.#expressions.pipeline()
    this.#close('{{block "name" value}} takes one value')
    this.#shared.definitions.set(name.text, this.#definition(name))
    return { kind: 'template', name: name.text, value, at: name.offset }
  }

  /** The token with its text unquoted. */
  #templateName(): Token {
    const token = this.#tokens.expect('string', 'the name of a template is expected, in quotes')
    return { ...token, text: unquote(token.text, token.offset) }
  }

  #close(context: string): void {
    this.#tokens.expect('close', context)
  }
}

function checkDefined(call: Token, definitions: ReadonlyMap<string, Definition>): void {
  if (definitions.has(call.text)) return
  const name = JSON.stringify(call.text.slice(0, 40))
  throw new Fault('syntax', `there is no template ${name}; write {{define ${name}}}…{{end}}`, call.offset)
}

function isEmpty(body: Block): boolean {
  return body.every((statement) => statement.kind === 'text' && statement.text.trim() === '')
}
