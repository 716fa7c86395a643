import type { Env } from '../env.ts'
import {
  EntityRef,
  Fault,
  isOdd,
  isSame,
  NOT_TRUE,
  type Outcome,
  RecordValue,
  SetValue,
  UNKNOWN,
  Unknown,
  UnknownEntity,
  type Value,
} from '../values.ts'
import { find, type Node, typeFault } from './node.ts'

const IN = typeFault('in', 'an entity, and an entity or a set of entities')
const IS = typeFault('is', 'an entity')

export function equality(left: Node, right: Node, negated: boolean): Node {
  return (env) => {
    const a = left(env)
    if (a instanceof Fault) return a
    const b = right(env)
    if (b instanceof Fault) return b
    const same = a instanceof Unknown ? mayBe(a, b) : b instanceof Unknown ? mayBe(b, a) : isSame(a, b)
    return typeof same === 'boolean' ? same !== negated : same instanceof Fault ? same : UNKNOWN
  }
}

/** Of something unknown: only whether it cannot be the same. */
function mayBe(unknown: Unknown, other: Value | Unknown): false | Unknown {
  if (other instanceof Unknown) return UNKNOWN
  if (unknown instanceof UnknownEntity)
    return other instanceof EntityRef && other.type === unknown.type && unknown.of.couldBe(other.id)
      ? UNKNOWN
      : false
  if (unknown.text === undefined) return UNKNOWN
  return typeof other === 'string' && unknown.text.could(other) ? UNKNOWN : false
}

export function membership(left: Node, right: Node): Node {
  return (env) => {
    const a = left(env)
    if (a instanceof Fault) return a
    const b = right(env)
    if (b instanceof Fault) return b
    if (isOdd(b)) return UNKNOWN
    const targets = targetsOf(b)
    if (targets === undefined) return IN
    return isAmong(a, targets, env)
  }
}

function targetsOf(value: Value): readonly EntityRef[] | undefined {
  if (value instanceof EntityRef) return [value]
  if (!(value instanceof SetValue)) return undefined
  const refs = value.items.filter((item) => item instanceof EntityRef)
  return refs.length === value.items.length ? refs : undefined
}

export function isAmong(entity: Outcome, targets: readonly EntityRef[], env: Env): Outcome {
  if (entity instanceof UnknownEntity) return mayBeAmong(entity, targets)
  if (isOdd(entity)) return entity instanceof Fault ? entity : UNKNOWN
  if (!(entity instanceof EntityRef)) return IN
  const ancestors = find(env, entity)?.ancestors
  for (const { key } of targets) if (key === entity.key || ancestors?.has(key) === true) return true
  return false
}

function mayBeAmong({ type, of }: UnknownEntity, targets: readonly EntityRef[]): boolean | Unknown {
  let answer: boolean | Unknown = false
  for (const target of targets) {
    const isIn = of.isIn(target.key)
    if (isIn === true) return true
    if (isIn !== false || (target.type === type && of.couldBe(target.id))) answer = UNKNOWN
  }
  return answer
}

export function typeTest(arg: Node, type: string, within: Node | undefined): Node {
  return (env) => {
    const value = arg(env)
    if (value instanceof Fault) return value
    if (value instanceof UnknownEntity) {
      if (value.type !== type) return false
    } else if (value instanceof Unknown) return UNKNOWN
    else if (!(value instanceof EntityRef)) return IS
    else if (value.type !== type) return false
    return within === undefined ? true : membership(() => value, within)(env)
  }
}

export function access(left: Node, name: string): Node {
  const missing = new Fault(`there is no attribute ${JSON.stringify(name)}`)
  const wrong = typeFault(`.${name}`, 'a record or an entity')
  return (env) => {
    const it = left(env)
    if (it instanceof Fault) return it
    if (it instanceof UnknownEntity) return it.of.attribute(name) ?? missing
    if (it instanceof Unknown) return UNKNOWN
    if (it instanceof EntityRef) return find(env, it)?.attribute(name) ?? missing
    return it instanceof RecordValue ? (it.get(name) ?? missing) : wrong
  }
}

/** Of a chain of names: that each is there. */
export function presence(left: Node, [name = '', ...more]: readonly string[]): Node {
  const wrong = typeFault('has', 'a record or an entity')
  const deeper = more.length === 0 ? undefined : presence(access(left, name), more)
  return (env) => {
    const it = left(env)
    const has = hasAttribute(it, name, env)
    if (has === undefined) return wrong
    if (deeper === undefined || has === false || has instanceof Fault) return has
    if (has === true) return deeper(env)
    return deeper(env) === false ? NOT_TRUE : UNKNOWN
  }
}

/** `undefined` where it is of another type. */
function hasAttribute(it: Outcome, name: string, env: Env): boolean | Fault | Unknown | undefined {
  if (it instanceof Fault) return it
  if (it instanceof UnknownEntity) return isThere(it.of.attribute(name))
  if (it instanceof Unknown) return UNKNOWN
  if (it instanceof EntityRef) return isThere(find(env, it)?.attribute(name))
  return it instanceof RecordValue ? isThere(it.get(name)) : undefined
}

/** What cannot be judged is there; a text that is not known is so too. */
function isThere(attribute: Outcome | undefined): boolean | Unknown {
  if (attribute === undefined) return false
  return attribute instanceof Unknown && attribute.text === undefined ? UNKNOWN : true
}

export function tagPresence(left: Node, right: Node): Node {
  return tagged('hasTag', left, right, (tag) => tag !== undefined)
}

export function tagAccess(left: Node, right: Node): Node {
  return tagged(
    'getTag',
    left,
    right,
    (tag, name) => tag ?? new Fault(`there is no tag ${JSON.stringify(name)}`),
  )
}

function tagged(
  operator: string,
  left: Node,
  right: Node,
  answer: (tag: Outcome | undefined, name: string) => Outcome,
): Node {
  const wrong = typeFault(operator, 'an entity and a text')
  return (env) => {
    const it = left(env)
    if (it instanceof Fault) return it
    const name = right(env)
    if (name instanceof Fault) return name
    if (isOdd(it) || isOdd(name)) return UNKNOWN
    if (!(it instanceof EntityRef) || typeof name !== 'string') return wrong
    return answer(find(env, it)?.tag(name), name)
  }
}
