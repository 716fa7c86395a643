import { Fault, longOf, type Outcome, type Value } from '../values.ts'
import { Decimal } from './decimal.ts'
import { IpAddress } from './ip.ts'
import { Datetime, Duration } from './time.ts'

/** A function or method of an extension; its arguments are of the right number. */
interface ExtensionFunction {
  readonly takes: number
  apply(values: readonly Value[]): Outcome
}

type Type<T> = abstract new (...args: never[]) => T

const TOO_LARGE = new Fault('the result does not fit into 64 bits')

/** The functions that policies may call (Cedar, extension types), by name. */
export const FUNCTIONS: ReadonlyMap<string, ExtensionFunction> = new Map([
  ['decimal', reader('decimal', Decimal.parse)],
  ['lessThan', comparison((a, b) => a < b)],
  ['lessThanOrEqual', comparison((a, b) => a <= b)],
  ['greaterThan', comparison((a, b) => a > b)],
  ['greaterThanOrEqual', comparison((a, b) => a >= b)],
  ['ip', reader('ip', IpAddress.parse)],
  ['isIpv4', method(IpAddress, (it) => !it.isV6)],
  ['isIpv6', method(IpAddress, (it) => it.isV6)],
  ['isLoopback', method(IpAddress, (it) => it.isLoopback)],
  ['isMulticast', method(IpAddress, (it) => it.isMulticast)],
  ['isInRange', binary(IpAddress, IpAddress, (it, range) => it.isInRange(range))],
  ['datetime', reader('datetime', Datetime.parse)],
  ['duration', reader('duration', Duration.parse)],
  ['offset', binary(Datetime, Duration, (it, by) => it.offset(by))],
  ['durationSince', binary(Datetime, Datetime, (it, since) => it.durationSince(since))],
  ['toDate', method(Datetime, (it) => it.toDate())],
  ['toTime', method(Datetime, (it) => it.toTime())],
  ['toMilliseconds', whole(1n)],
  ['toSeconds', whole(1_000n)],
  ['toMinutes', whole(60_000n)],
  ['toHours', whole(3_600_000n)],
  ['toDays', whole(86_400_000n)],
])

function reader(name: string, parse: (text: string) => Value | undefined): ExtensionFunction {
  const fault = new Fault(`${name}() wants a text`)
  return {
    takes: 1,
    apply: ([text]) =>
      typeof text !== 'string'
        ? fault
        : (parse(text) ?? new Fault(`${JSON.stringify(text.slice(0, 60))} is not a ${name}`)),
  }
}

function comparison(compare: (a: bigint, b: bigint) => boolean): ExtensionFunction {
  return binary(Decimal, Decimal, (a, b) => compare(a.units, b.units))
}

function method<T>(type: Type<T>, apply: (it: T) => Value | undefined): ExtensionFunction {
  const fault = wrongType(type)
  return { takes: 1, apply: ([it]) => (it instanceof type ? (apply(it) ?? TOO_LARGE) : fault) }
}

function binary<T, U>(
  type: Type<T>,
  other: Type<U>,
  apply: (it: T, by: U) => Value | undefined,
): ExtensionFunction {
  const fault = wrongType(type)
  return {
    takes: 2,
    apply: ([it, by]) => (it instanceof type && by instanceof other ? (apply(it, by) ?? TOO_LARGE) : fault),
  }
}

function whole(unit: bigint): ExtensionFunction {
  return method(Duration, (it) => longOf(it.in(unit)))
}

function wrongType({ name }: { readonly name: string }): Fault {
  return new Fault(`type error: expected ${name}`)
}
