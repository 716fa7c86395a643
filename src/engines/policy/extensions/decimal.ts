import { Extension } from './extension.ts'

const WRITTEN = /^(-?)(\d+)\.(\d{1,4})$/
const MIN = -(2n ** 63n)
const MAX = 2n ** 63n - 1n

/** A number with four digits after the point. */
export class Decimal extends Extension {
  /** Ten thousandths. */
  readonly units: bigint

  constructor(units: bigint) {
    super()
    this.units = units
  }

  /** `undefined` where it is not written as one, or too large. */
  static parse(text: string): Decimal | undefined {
    const [, sign, whole = '', fraction = ''] = WRITTEN.exec(text) ?? []
    if (sign === undefined || whole.length > 20) return undefined
    const units = BigInt(sign + whole + fraction.padEnd(4, '0'))
    return units < MIN || units > MAX ? undefined : new Decimal(units)
  }

  isSame(other: Extension): boolean {
    return other instanceof Decimal && other.units === this.units
  }
}
