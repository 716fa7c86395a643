import { Extension } from './extension.ts'

const MIN = -(2n ** 63n)
const MAX = 2n ** 63n - 1n
const DAY = 86_400_000n

const MOMENT = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d{3}))?(?:Z|([+-])(\d\d)(\d\d)))?$/
const SPAN = /^(-?)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/
const UNITS = [DAY, 3_600_000n, 60_000n, 1_000n, 1n]

abstract class Milliseconds extends Extension {
  readonly ms: bigint

  constructor(ms: bigint) {
    super()
    this.ms = ms
  }

  isSame(other: Extension): boolean {
    return other instanceof Milliseconds && other.constructor === this.constructor && other.ms === this.ms
  }
}

/** Milliseconds since 1970, UTC. */
export class Datetime extends Milliseconds {
  /** `undefined` where it is not written as one. */
  static parse(text: string): Datetime | undefined {
    const found = MOMENT.exec(text)
    if (found === null) return undefined
    const [year, month, day, hour, minute, second, millis] = found.slice(1, 8).map((it) => Number(it ?? 0))
    const date = new Date(0)
    date.setUTCFullYear(year as number, (month as number) - 1, day)
    if (date.getUTCMonth() !== (month as number) - 1 || date.getUTCDate() !== day) return undefined
    const [ahead, behind] = [Number(found[9] ?? 0), Number(found[10] ?? 0)]
    const inDay = [
      [hour, 24],
      [minute, 60],
      [second, 60],
      [ahead, 24],
      [behind, 60],
    ] as const
    if (inDay.some(([value, end]) => (value as number) >= end)) return undefined
    date.setUTCHours(hour as number, minute, second, millis)
    const away = (ahead * 60 + behind) * 60_000 * (found[8] === '-' ? -1 : 1)
    return new Datetime(BigInt(date.getTime() - away))
  }

  offset({ ms }: Duration): Datetime | undefined {
    return fitting(this.ms + ms, Datetime)
  }

  durationSince({ ms }: Datetime): Duration | undefined {
    return fitting(this.ms - ms, Duration)
  }

  toDate(): Datetime | undefined {
    return fitting(this.ms - this.#inDay, Datetime)
  }

  toTime(): Duration {
    return new Duration(this.#inDay)
  }

  get #inDay(): bigint {
    return ((this.ms % DAY) + DAY) % DAY
  }
}

export class Duration extends Milliseconds {
  /** `undefined` where it is not written as one, or too long. */
  static parse(text: string): Duration | undefined {
    const found = SPAN.exec(text)
    if (found === null || text === '' || text === '-') return undefined
    const parts = found.slice(2).map((it) => it ?? '0')
    if (parts.some((part) => part.length > 20)) return undefined
    const ms = parts.reduce((sum, part, at) => sum + BigInt(part) * (UNITS[at] as bigint), 0n)
    return fitting(found[1] === '-' ? -ms : ms, Duration)
  }

  /** Whole units of so many milliseconds. */
  in(unit: bigint): bigint {
    return this.ms / unit
  }
}

function fitting<T>(ms: bigint, type: new (ms: bigint) => T): T | undefined {
  return ms < MIN || ms > MAX ? undefined : new type(ms)
}
