type Cel = typeof import('@bufbuild/cel')
export type Parsed = ReturnType<Cel['parse']>
type Expr = NonNullable<Parsed['expr']>
type Call = Extract<Expr['exprKind'], { case: 'callExpr' }>['value']
type Loop = Extract<Expr['exprKind'], { case: 'comprehensionExpr' }>['value']

/** Something that no claims make right. */
export interface AstFault {
  readonly message: string
  /** Of the node. */
  readonly id: bigint
}

/** What is known where a node stands. */
interface Scope {
  readonly names: ReadonlySet<string>
  readonly isKnown: (name: string) => boolean
  readonly inLoop: boolean
}

/** What can be named beside the claims: types, to compare with what `type()` gives. */
const TYPES = ['bool', 'int', 'uint', 'double', 'string', 'bytes', 'list', 'map', 'null_type', 'type']
const NAMES: ReadonlySet<string> = new Set(['claims', ...TYPES])
const IDENTIFIER = /^[A-Za-z_]\w*$/
/** Those that the parser or the planner give a meaning of their own. */
const BOOLEAN = /^(_(&&|\|\||[=!]=|[<>]=?)_|!_|@in)$/

/** The first thing that is wrong. @param isKnown whether there is such a function */
export function faultIn({ expr }: Parsed, isKnown: Scope['isKnown']): AstFault | undefined {
  if (expr === undefined) return { message: 'holds no expression', id: 0n }
  const fault = faultOf(expr, { names: NAMES, isKnown, inLoop: false })
  return fault ?? (isNeverBoolean(expr) ? { message: 'is not true or false', id: expr.id } : undefined)
}

function faultOf({ id, exprKind }: Expr, scope: Scope): AstFault | undefined {
  switch (exprKind.case) {
    case 'identExpr':
      return scope.names.has(exprKind.value.name) ? undefined : unknownName(exprKind.value.name, id)
    case 'selectExpr':
      return first([exprKind.value.operand], scope)
    case 'callExpr':
      return callFault(exprKind.value, id, scope)
    case 'listExpr':
      return first(exprKind.value.elements, scope)
    case 'structExpr':
      return exprKind.value.messageName === ''
        ? first(
            exprKind.value.entries.flatMap(({ keyKind, value }) => [keyOf(keyKind), value]),
            scope,
          )
        : { message: `${exprKind.value.messageName} is no type that claims have`, id }
    case 'comprehensionExpr':
      return loopFault(exprKind.value, id, scope)
    default:
      return undefined
  }
}

function callFault({ function: name, target, args }: Call, id: bigint, scope: Scope): AstFault | undefined {
  if (IDENTIFIER.test(name) && !scope.isKnown(name)) return { message: `there is no function ${name}`, id }
  // A pattern of the caller's own would be one that nobody has read.
  if (name === 'matches' && args.at(-1)?.exprKind.case !== 'constExpr')
    return { message: 'the pattern of matches must be written out', id }
  return first([target, ...args], scope)
}

function loopFault(loop: Loop, id: bigint, scope: Scope): AstFault | undefined {
  if (scope.inLoop) return { message: 'loops (all, exists, map, filter) may not be nested', id }
  const { iterVar, iterVar2, accuVar, iterRange, accuInit, loopCondition, loopStep, result } = loop
  const names = new Set([...scope.names, iterVar, iterVar2, accuVar])
  return (
    first([iterRange, accuInit], scope) ??
    first([loopCondition, loopStep, result], { ...scope, names, inLoop: true })
  )
}

function first(nodes: readonly (Expr | undefined)[], scope: Scope): AstFault | undefined {
  for (const node of nodes) {
    const fault = node && faultOf(node, scope)
    if (fault !== undefined) return fault
  }
  return undefined
}

function keyOf(key: { readonly case: string | undefined; readonly value?: unknown }): Expr | undefined {
  return key.case === 'mapKey' ? (key.value as Expr) : undefined
}

function unknownName(name: string, id: bigint): AstFault {
  return { message: `there is no ${name}; the claims of the caller are in claims`, id }
}

/** As far as can be seen without claims. */
function isNeverBoolean({ exprKind }: Expr): boolean {
  switch (exprKind.case) {
    case 'constExpr':
      return exprKind.value.constantKind.case !== 'boolValue'
    case 'listExpr':
    case 'structExpr':
      return true
    case 'identExpr':
      return true
    case 'callExpr': {
      const { function: name } = exprKind.value
      return !IDENTIFIER.test(name) && !BOOLEAN.test(name) && !/^_(\?_:|\[)_\]?$/.test(name)
    }
    default:
      return false
  }
}

/** All patterns that are written out, each with its node. */
export function patternsIn(parsed: Parsed): readonly { readonly pattern: string; readonly id: bigint }[] {
  const found: { pattern: string; id: bigint }[] = []
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const { case: kind, value: call } = value as { case?: unknown; value?: Call }
    if (kind === 'callExpr' && call?.function === 'matches') {
      const constant = call.args.at(-1)
      const text = constant?.exprKind.case === 'constExpr' ? constant.exprKind.value.constantKind : undefined
      if (constant !== undefined && text?.case === 'stringValue')
        found.push({ pattern: text.value, id: constant.id })
    }
    for (const member of Object.values(value)) visit(member)
  }
  visit(parsed.expr)
  return found
}
