import type { Item } from '../../core/catalog.ts'
import type { Ending, Seen, Witness } from '../../core/witness.ts'

/** What a witness of the tests has seen of one thing. */
export interface Record {
  readonly seen: Seen
  item: Item | undefined
  ending: Ending | undefined
}

export interface Recorder {
  readonly witness: Witness
  readonly records: readonly Record[]
  /** Those that have ended, by what they are. */
  readonly ended: readonly Record[]
  /** Waits until so many have ended. */
  until(count: number): Promise<readonly Record[]>
}

export function recorder(): Recorder {
  const records: Record[] = []
  const ended: Record[] = []
  return {
    records,
    ended,
    witness(seen) {
      const record: Record = { seen, item: undefined, ending: undefined }
      records.push(record)
      return {
        found(item) {
          record.item = item
        },
        end(ending) {
          if (record.ending !== undefined) throw new Error(`${seen.method} ended twice`)
          record.ending = ending
          ended.push(record)
        },
      }
    },
    async until(count) {
      for (let tries = 0; ended.length < count; tries++) {
        if (tries > 400) throw new Error(`only ${ended.length} of ${count} have ended`)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      return ended
    },
  }
}
