import { Extension } from './extensions/extension.ts'

/** What an expression comes to: a value, an error, or something that is not known when items are listed. */
export type Outcome = Value | Fault | Unknown

/** An error of evaluation. It is passed on and not thrown, since it may come up for each item of a list. */
export class Fault {
  readonly message: string

  constructor(message: string) {
    this.message = message
  }
}

/** What stands in the place of something that each call brings anew. */
export class Unknown {
  /** What it cannot be, as a truth value; it may be an error in any case. */
  readonly never: boolean | undefined
  readonly text: UnknownText | undefined

  constructor(never?: boolean, text?: UnknownText) {
    this.never = never
    this.text = text
  }
}

/** What is known of a text that is not known. */
export interface UnknownText {
  readonly prefix: string
  could(text: string): boolean
}

/** An entity of which only some things are known, such as one of the resources that a template stands for. */
export class UnknownEntity extends Unknown {
  readonly type: string
  readonly of: EntityFacts

  constructor(type: string, of: EntityFacts) {
    super()
    this.type = type
    this.of = of
  }
}

export interface EntityFacts {
  couldBe(id: string): boolean
  /** `undefined` where it has none for sure. */
  attribute(name: string): Outcome | undefined
  isIn(key: string): boolean | Unknown
}

export const UNKNOWN = new Unknown()
/** False or an error. */
export const NOT_TRUE = new Unknown(true)
/** True or an error. */
export const NOT_FALSE = new Unknown(false)

export function isOdd(outcome: Outcome): outcome is Fault | Unknown {
  return outcome instanceof Fault || outcome instanceof Unknown
}

/** A 64-bit integer: a number where that is exact, a bigint beyond. */
export type Long = number | bigint

/** The values of Cedar. */
export type Value = boolean | string | Long | EntityRef | SetValue | RecordValue | Extension

const MIN = -(2n ** 63n)
const MAX = 2n ** 63n - 1n

/** `undefined` where it does not fit into 64 bits. */
export function longOf(value: bigint): Long | undefined {
  if (value < MIN || value > MAX) return undefined
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

export function isLong(value: Outcome): value is Long {
  return typeof value === 'number' || typeof value === 'bigint'
}

/** The name of an entity, whether there is one or not. */
export class EntityRef {
  readonly type: string
  readonly id: string
  readonly key: string

  constructor(type: string, id: string) {
    this.type = type
    this.id = id
    this.key = keyOf(type, id)
  }
}

export function keyOf(type: string, id: string): string {
  return `${type}\0${id}`
}

/** `Tool::"x"`, as it is written in policies. */
export function printRef({ type, id }: EntityRef): string {
  return `${type}::${JSON.stringify(id)}`
}

const FEW = 8

/** Elements may be there more than once, which is not to be seen. */
export class SetValue {
  readonly items: readonly Value[]
  #texts: ReadonlySet<Value> | undefined

  constructor(items: readonly Value[]) {
    this.items = items
  }

  has(value: Value): boolean | Fault | Unknown {
    if (typeof value === 'string' && this.items.length > FEW) {
      this.#texts ??= new Set(this.items.filter((item) => typeof item === 'string'))
      return this.#texts.has(value)
    }
    for (const item of this.items) {
      const same = isSame(item, value)
      if (same !== false) return same
    }
    return false
  }
}

/** Members that cannot be judged are an error, which is one only for who looks at them. */
export abstract class RecordValue {
  abstract get(name: string): Outcome | undefined
  abstract all(): ReadonlyMap<string, Outcome>
}

export class PlainRecord extends RecordValue {
  readonly #members: ReadonlyMap<string, Value>

  constructor(members: ReadonlyMap<string, Value>) {
    super()
    this.#members = members
  }

  get(name: string): Value | undefined {
    return this.#members.get(name)
  }

  all(): ReadonlyMap<string, Value> {
    return this.#members
  }
}

/** Values of different types are never the same, which is no error (Cedar, operators: ==). */
export function isSame(a: Value, b: Value): boolean | Fault | Unknown {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object') return false
  if (a instanceof EntityRef) return b instanceof EntityRef && a.key === b.key
  if (a instanceof Extension) return b instanceof Extension && a.isSame(b)
  if (a instanceof SetValue) return b instanceof SetValue && sameSets(a, b)
  return b instanceof RecordValue && sameRecords(a, b)
}

function sameSets(a: SetValue, b: SetValue): boolean | Fault | Unknown {
  const forth = hasAll(a, b)
  return forth === true ? hasAll(b, a) : forth
}

export function hasAll(set: SetValue, others: SetValue): boolean | Fault | Unknown {
  for (const item of others.items) {
    const has = set.has(item)
    if (has !== true) return has
  }
  return true
}

export function hasAny(set: SetValue, others: SetValue): boolean | Fault | Unknown {
  for (const item of others.items) {
    const has = set.has(item)
    if (has !== false) return has
  }
  return false
}

function sameRecords(a: RecordValue, b: RecordValue): boolean | Fault | Unknown {
  const [some, others] = [a.all(), b.all()]
  for (const it of [...some.values(), ...others.values()])
    if (it instanceof Fault || it instanceof Unknown) return it
  if (some.size !== others.size) return false
  for (const [name, value] of some) {
    const other = others.get(name)
    const same = other !== undefined && isSame(value as Value, other as Value)
    if (same !== true) return same
  }
  return true
}
