import type { Value } from './values.ts'

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
