import type { Scope } from './scope.ts'
import type { Values } from './values.ts'

/** Of the sum of what an entry's server has of the query. */
const SERVER_SHARE = 0.1

export interface Scored {
  readonly place: number
  readonly score: number
}

/** What the terms of a clause add to each entry, by place. One serves all queries of a catalogue, one after the other. */
export class Tally {
  readonly #scope: Scope
  readonly #sums: Float64Array
  readonly #names: Float64Array
  readonly #servers: Float64Array
  /** The most that the term at hand adds to an entry of each server. */
  readonly #most: Float64Array
  /** Places of entries that have anything of the clause; the first `#count` hold. */
  readonly #touched: Int32Array
  #count = 0

  constructor(scope: Scope) {
    const { length } = scope.docs
    this.#scope = scope
    this.#sums = new Float64Array(length)
    this.#names = new Float64Array(length)
    this.#servers = new Float64Array(scope.servers)
    this.#most = new Float64Array(scope.servers)
    this.#touched = new Int32Array(length)
  }

  /** Forgets the clause before. */
  clear(): void {
    for (let at = 0; at < this.#count; at++) {
      const place = this.#touched[at] as number
      this.#sums[place] = 0
      this.#names[place] = 0
    }
    this.#servers.fill(0)
    this.#count = 0
  }

  add({ places, values, named, rarities }: Values, weight: number): void {
    const [sums, most, names] = [this.#sums, this.#most, this.#names]
    for (let at = 0; at < places.length; at++) {
      const place = places[at] as number
      const value = weight * (values[at] as number)
      const before = sums[place] as number
      if (before === 0) this.#touched[this.#count++] = place
      sums[place] = before + value
      const server = this.#scope.serverOf(place)
      if (value > (most[server] as number)) most[server] = value
    }
    this.#addServers()
    for (let at = 0; at < named.length; at++) {
      const place = named[at] as number
      names[place] = (names[place] as number) + (rarities[at] as number)
    }
  }

  #addServers(): void {
    const [servers, most] = [this.#servers, this.#most]
    for (let server = 0; server < most.length; server++)
      servers[server] = (servers[server] as number) + (most[server] as number)
    most.fill(0)
  }

  /** The best by their words and their servers, in their order. */
  best(limit: number): readonly Scored[] {
    const top: Scored[] = []
    let least = Number.NEGATIVE_INFINITY
    for (let n = 0; n < this.#count; n++) {
      const place = this.#touched[n] as number
      const score = this.#scoreOf(place)
      if (score < least) continue
      insert(top, { place, score })
      if (top.length > limit) top.pop()
      if (top.length === limit) least = (top[limit - 1] as Scored).score
    }
    return top
  }

  #scoreOf(place: number): number {
    return (
      (this.#sums[place] as number) + SERVER_SHARE * (this.#servers[this.#scope.serverOf(place)] as number)
    )
  }

  /** The rarity of the words of its name that are in the clause. */
  namedOf(place: number): number {
    return this.#names[place] as number
  }
}

function insert(top: Scored[], next: Scored): void {
  let [low, high] = [0, top.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBefore(next, top[middle] as Scored)) high = middle
    else low = middle + 1
  }
  top.splice(low, 0, next)
}

function isBefore(a: Scored, b: Scored): boolean {
  return a.score > b.score || (a.score === b.score && a.place < b.place)
}
