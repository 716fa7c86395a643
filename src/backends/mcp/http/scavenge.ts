import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const EVERY_BYTES = 8 * 1024 * 1024

type MinorCollection = () => void

/**
 * Replies that come in several chunks are joined in memory beside the heap, and die young. V8 may then run full
 * collections, ten times a second, in place of scavenges, which doubles the cost of a call; a scavenge now and
 * then keeps it from that.
 */
export class Scavenges {
  #bytes = 0
  #collect: MinorCollection | undefined

  /** So many bytes were joined. */
  count(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes < EVERY_BYTES) return
    this.#bytes = 0
    this.#collect ??= minorCollection()
    this.#collect()
  }
}

/** Does nothing where V8 does not offer it. */
function minorCollection(): MinorCollection {
  setFlagsFromString('--expose-gc')
  const gc: unknown = runInNewContext("typeof gc === 'function' ? gc : undefined")
  return typeof gc === 'function' ? () => gc({ type: 'minor' }) : () => {}
}
