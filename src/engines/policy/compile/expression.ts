import { isObject } from '../../../core/json.ts'
import type { ExprAst, Operands } from '../ast.ts'
import { FUNCTIONS } from '../extensions/functions.ts'
import { isMarked, longOfMarked } from '../integers.ts'
import { EntityRef, Fault, hasAll, hasAny, type Outcome, PlainRecord, SetValue } from '../values.ts'
import { arithmetic, comparison, negation } from './arithmetic.ts'
import { access, equality, membership, presence, tagAccess, tagPresence, typeTest } from './entity.ts'
import { like } from './like.ts'
import { and, choose, not, or } from './logic.ts'
import { list, type Node, strict, typeFault, unary } from './node.ts'

const DEEPEST = 1_000

/** What a policy uses and this evaluator does not know. */
export class UnsupportedError extends Error {
  override readonly name = 'UnsupportedError'
}

/** @throws UnsupportedError */
export function compile(ast: ExprAst, depth = 0): Node {
  if (depth > DEEPEST) throw new UnsupportedError('it is nested too deeply')
  const [[operator, body] = ['', undefined]] = Object.entries<unknown>(ast)
  const below: Below = (it) => compile(it, depth + 1)
  return isOperator(operator) ? operation(operator, ast, below) : extension(operator, body, below)
}

type Operator = keyof Operands
type Below = (ast: ExprAst) => Node

function isOperator(name: string): name is Operator {
  return Object.hasOwn(OPERATORS, name)
}

function operation<K extends Operator>(operator: K, { [operator]: operands }: ExprAst, below: Below): Node {
  if (operands === undefined) throw new UnsupportedError(`${operator} lacks its operands`)
  return OPERATORS[operator](operands, below)
}

const OPERATORS: { readonly [K in Operator]: (operands: Operands[K], below: Below) => Node } = {
  Value: (value) => constant(literal(value)),
  Var: (name) => variable(name),
  '&&': ({ left, right }, below) => and(below(left), below(right)),
  '||': ({ left, right }, below) => or(below(left), below(right)),
  '!': ({ arg }, below) => not(below(arg)),
  'if-then-else': (it, below) => choose(below(it.if), below(it.then), below(it.else)),
  neg: ({ arg }, below) => negative(arg) ?? negation(below(arg)),
  '==': ({ left, right }, below) => equality(below(left), below(right), false),
  '!=': ({ left, right }, below) => equality(below(left), below(right), true),
  '<': ({ left, right }, below) => comparison('<', below(left), below(right)),
  '<=': ({ left, right }, below) => comparison('<=', below(left), below(right)),
  '>': ({ left, right }, below) => comparison('>', below(left), below(right)),
  '>=': ({ left, right }, below) => comparison('>=', below(left), below(right)),
  '+': ({ left, right }, below) => arithmetic('+', below(left), below(right)),
  '-': ({ left, right }, below) => arithmetic('-', below(left), below(right)),
  '*': ({ left, right }, below) => arithmetic('*', below(left), below(right)),
  in: ({ left, right }, below) => membership(below(left), below(right)),
  is: (it, below) => typeTest(below(it.left), it.entity_type, it.in && below(it.in)),
  '.': ({ left, attr }, below) => access(below(left), attr),
  has: ({ left, attr }, below) => presence(below(left), typeof attr === 'string' ? [attr] : attr),
  like: ({ left, pattern }, below) => like(below(left), pattern),
  hasTag: ({ left, right }, below) => tagPresence(below(left), below(right)),
  getTag: ({ left, right }, below) => tagAccess(below(left), below(right)),
  contains: ({ left, right }, below) => contains(below(left), below(right)),
  containsAll: ({ left, right }, below) => sets('containsAll', below(left), below(right), hasAll),
  containsAny: ({ left, right }, below) => sets('containsAny', below(left), below(right), hasAny),
  isEmpty: ({ arg }, below) => emptiness(below(arg)),
  Set: (items, below) => list(items.map(below), (it) => new SetValue(it)),
  Record: (members, below) => record(members, below),
}

function constant(outcome: Outcome): Node {
  return () => outcome
}

function variable(name: string): Node {
  switch (name) {
    case 'principal':
      return (env) => env.principal
    case 'action':
      return (env) => env.action
    case 'resource':
      return (env) => env.resource
    case 'context':
      return (env) => env.context
    default:
      throw new UnsupportedError(`there is no variable ${name}`)
  }
}

/** The least integer is one that has no positive of its size. */
function negative(arg: ExprAst): Node | undefined {
  const value = arg['Value']
  return isMarked(value) ? constant(longOfMarked(value, true)) : undefined
}

/** @throws UnsupportedError */
function literal(json: unknown): Outcome {
  if (isMarked(json)) return longOfMarked(json)
  if (typeof json === 'boolean' || typeof json === 'string' || typeof json === 'number') return json
  if (Array.isArray(json)) return list(json.map(literal).map(constant), (it) => new SetValue(it))(NOTHING)
  const entity = isObject(json) ? json['__entity'] : undefined
  if (isObject(entity)) return new EntityRef(String(entity['type']), String(entity['id']))
  throw new UnsupportedError('there is a literal of an unknown kind')
}

function contains(left: Node, right: Node): Node {
  const fault = typeFault('contains', 'a set')
  return strict(left, right, (set, value) => (set instanceof SetValue ? set.has(value) : fault))
}

function sets(operator: string, left: Node, right: Node, test: (a: SetValue, b: SetValue) => Outcome): Node {
  const fault = typeFault(operator, 'two sets')
  return strict(left, right, (a, b) => (a instanceof SetValue && b instanceof SetValue ? test(a, b) : fault))
}

function emptiness(arg: Node): Node {
  const fault = typeFault('isEmpty', 'a set')
  return unary(arg, (set) => (set instanceof SetValue ? set.items.length === 0 : fault))
}

function record(members: Readonly<Record<string, ExprAst>>, below: Below): Node {
  const names = Object.keys(members)
  const nodes = Object.values(members).map(below)
  return list(
    nodes,
    (values) => new PlainRecord(new Map(values.map((value, at) => [names[at] ?? '', value]))),
  )
}

/** @throws UnsupportedError */
function extension(name: string, args: unknown, below: Below): Node {
  const made = FUNCTIONS.get(name)
  if (made === undefined || !Array.isArray(args)) throw new UnsupportedError(`there is no function ${name}`)
  if (made.takes !== args.length) return constant(new Fault(`${name} takes ${made.takes} arguments`))
  const node = list(args.map(below), (values) => made.apply(values))
  // What is made of constants is made once.
  return args.every((arg) => 'Value' in arg) ? constant(node(NOTHING)) : node
}

/** An environment that nobody looks at. */
const NOTHING = undefined as never
