import { compareStrings } from './characters.ts'
import { Fault } from './errors.ts'
import { describe } from './values.ts'

type Order = 'lt' | 'le' | 'gt' | 'ge'

/** `first` equals any of the others. Numbers are equal by value, whatever they are made of. */
export function equalsAny(first: unknown, others: readonly unknown[]): boolean {
  return others.some((other) => equals(first, other))
}

export function equals(a: unknown, b: unknown): boolean {
  if (a === null || b === null) return a === b
  const kind = comparable(a)
  if (kind === undefined || kind !== comparable(b)) {
    throw new Fault('type', `cannot compare ${describe(a)} with ${describe(b)}; convert one of them first`)
  }
  // biome-ignore lint/suspicious/noDoubleEquals: a bigint and a number are equal by value
  return a == b
}

export function inOrder(order: Order, a: unknown, b: unknown): boolean {
  const difference = compare(a, b)
  switch (order) {
    case 'lt':
      return difference < 0
    case 'le':
      return difference <= 0
    case 'gt':
      return difference > 0
    case 'ge':
      return difference >= 0
  }
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b)
  if (!isNumber(a) || !isNumber(b)) {
    throw new Fault(
      'type',
      `cannot order ${describe(a)} and ${describe(b)}; it takes two numbers or two strings`,
    )
  }
  return a < b ? -1 : a > b ? 1 : 0
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

function comparable(value: unknown): string | undefined {
  if (isNumber(value)) return 'number'
  return typeof value === 'string' || typeof value === 'boolean' ? typeof value : undefined
}
