import { isObject } from '../../core/json.ts'
import type { Budget } from './bounds.ts'
import { Fault } from './errors.ts'
import { Missing } from './missing.ts'
import { describe } from './values.ts'

/** In bytes of UTF-8 for a string, as in Go. */
export function lengthOf(value: unknown, budget: Budget): bigint {
  if (typeof value === 'string') return BigInt(Buffer.byteLength(value, 'utf8'))
  if (Array.isArray(value)) return BigInt(value.length)
  if (!isObject(value))
    throw new Fault('type', `len takes a string, a list or an object, not ${describe(value)}`)
  const count = Object.keys(value).length
  budget.step(count)
  return BigInt(count)
}

/** `index x 1 "a"` is x[1]["a"]. What is not there is `Missing`. */
export function elementAt(value: unknown, keys: readonly unknown[], budget: Budget): unknown {
  let item = value
  for (const key of keys) {
    if (item instanceof Missing) return item
    item = step(item, key, budget)
  }
  return item
}

function step(item: unknown, key: unknown, budget: Budget): unknown {
  if (isObject(item)) {
    if (typeof key !== 'string')
      throw new Fault('type', `index: an object has names, ${describe(key)} is none`)
    const found = Object.hasOwn(item, key) ? item[key] : undefined
    return found === undefined ? new Missing({ base: 'index', path: [key], at: budget.at }, 0, item) : found
  }
  if (Array.isArray(item)) {
    const at = position('index', key)
    return at < item.length
      ? (item[at] ?? null)
      : new Missing({ base: 'index', path: [`${at}`], at: budget.at }, 0, item)
  }
  if (typeof item === 'string') return byteAt(item, position('index', key))
  throw new Fault('type', `index takes a list, an object or a string, not ${describe(item)}`)
}

function byteAt(text: string, at: number): bigint {
  const byte = Buffer.from(text, 'utf8')[at]
  if (byte === undefined) throw new Fault('value', `index ${at} is out of range in the string`)
  return BigInt(byte)
}

/** `slice x 1 3` is x[1:3], of a string by bytes. */
export function sliceOf(value: unknown, bounds: readonly unknown[], budget: Budget): unknown {
  if (typeof value === 'string') return sliceString(value, bounds)
  if (!Array.isArray(value)) throw new Fault('type', `slice takes a list or a string, not ${describe(value)}`)
  const [from, to] = range(bounds, value.length)
  budget.step((to - from) >> 4)
  return value.slice(from, to)
}

function sliceString(text: string, bounds: readonly unknown[]): string {
  if (bounds.length === 3) throw new Fault('value', 'slice of a string takes at most two positions')
  const bytes = Buffer.from(text, 'utf8')
  const [from, to] = range(bounds, bytes.length)
  return bytes.toString('utf8', from, to)
}

/** A third position bounds the capacity in Go; here it is checked and has no other effect. */
function range(bounds: readonly unknown[], length: number): [number, number] {
  const [from = 0, to = length, capacity = length] = bounds.map((bound) => position('slice', bound))
  if (from <= to && to <= capacity && capacity <= length) return [from, to]
  throw new Fault('value', `slice: ${bounds.join(', ')} is out of range, the length is ${length}`)
}

function position(name: string, value: unknown): number {
  const at = typeof value === 'bigint' ? Number(value) : value
  if (typeof at !== 'number')
    throw new Fault('type', `${name}: a position is a number, not ${describe(value)}`)
  if (!Number.isInteger(at) || at < 0)
    throw new Fault('value', `${name}: ${at} is no position; they begin at 0`)
  return at
}
