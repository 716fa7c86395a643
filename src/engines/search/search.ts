import { choose, type Hit } from './choose.ts'
import type { Entry } from './entry.ts'
import { fuse, keepFirsts } from './fuse.ts'
import { createLexicon, verbs } from './lexicon/lexicon.ts'
import { match } from './match.ts'
import { Postings } from './postings.ts'
import { parseQuery } from './query.ts'
import { Scope } from './scope.ts'
import { Stems } from './stems.ts'
import { Worth } from './values.ts'

/** An entry, and what tells it from all others: equal keys mean equal entries. */
export interface Keyed {
  readonly key: string
  readonly entry: Entry
}

/** The entries of one catalogue, in its order. */
export interface Collection {
  readonly items: readonly Keyed[]
}

/** The whole of a query counts as much as this many of its parts. */
const WHOLE = 2
/** Of the fusion of the parts of a query: the first of each are what counts. */
const SMOOTHING = 5
/** Hits of each part that are fused, beyond what is asked for. */
const SPARE = 12
/** Entries that are indexed although no collection of now has them, before the index is made anew. */
const MOST_DEAD = 2_000
/** Collections that were added, before those that nobody has any more are forgotten. */
const SPARE_COLLECTIONS = 256

/**
 * An index of many collections. Entries are indexed once however many collections have them, and what is found in
 * one collection, and in which order, depends on that collection alone.
 */
export class SearchIndex {
  readonly #stems = new Stems(verbs())
  readonly #lexicon = createLexicon(this.#stems)
  #postings = new Postings(this.#stems, this.#lexicon)
  #known = new Map<string, number>()
  #scopes = new WeakMap<Collection, Scope>()
  #collections: WeakRef<Collection>[] = []
  #pruneAt = SPARE_COLLECTIONS
  #roomFor = MOST_DEAD
  #indexed = 0

  /** Entries that were indexed since there is this index. */
  get indexed(): number {
    return this.#indexed
  }

  /** Entries that are in it now. */
  get size(): number {
    return this.#postings.size
  }

  /** Indexes one entry where it is new, ahead of the collections that have it. */
  add(item: Keyed): void {
    this.#docOf(item)
  }

  /** Indexes what is new in a collection; `search` does so too. */
  prepare(collection: Collection): void {
    this.#scopeOf(collection)
  }

  /**
   * @param shown how many of them are looked at: a query of several parts has the best of each among these
   * @returns the places in the collection of at most `limit` entries that have something of it, the best first
   */
  search(collection: Collection, text: string, limit: number, shown = limit): Hit[] {
    const scope = this.#scopeOf(collection)
    const worth = new Worth(this.#postings, this.#lexicon, scope)
    const sources = { postings: this.#postings, scope, worth }
    const clauses = parseQuery(text, this.#stems, this.#lexicon)
    const lists = clauses.map((clause) => choose(match(clause, sources), limit + SPARE))
    if (lists.length === 1) return (lists[0] as Hit[]).slice(0, limit)
    const fused = fuse(
      lists.map((hits, at) => ({ hits, weight: at === 0 ? WHOLE : 1 })),
      SMOOTHING,
    )
    return keepFirsts(fused, lists.slice(1), shown).slice(0, limit)
  }

  #scopeOf(collection: Collection): Scope {
    const known = this.#scopes.get(collection)
    if (known !== undefined) return known
    if (this.#postings.size + collection.items.length > this.#roomFor) this.#makeRoom(collection)
    const docs = collection.items.map((item) => this.#docOf(item))
    const scope = new Scope(
      this.#postings,
      docs,
      collection.items.map(({ entry }) => entry.server),
    )
    this.#scopes.set(collection, scope)
    if (this.#collections.length >= this.#pruneAt) this.#prune()
    this.#collections.push(new WeakRef(collection))
    return scope
  }

  #docOf({ key, entry }: Keyed): number {
    const known = this.#known.get(key)
    if (known !== undefined) return known
    this.#indexed++
    const doc = this.#postings.add(entry)
    this.#known.set(key, doc)
    return doc
  }

  #prune(): void {
    this.#collections = this.#collections.filter((it) => it.deref() !== undefined)
    this.#pruneAt = 2 * this.#collections.length + SPARE_COLLECTIONS
  }

  /** Begins anew where too much of the index is of collections that nobody has any more. */
  #makeRoom(next: Collection): void {
    this.#prune()
    const alive = new Set(next.items.map(({ key }) => key))
    for (const it of this.#collections) for (const { key } of it.deref()?.items ?? []) alive.add(key)
    this.#roomFor = 2 * alive.size + MOST_DEAD
    if (this.#postings.size - alive.size <= MOST_DEAD) return
    this.#postings = new Postings(this.#stems, this.#lexicon)
    this.#known = new Map()
    this.#scopes = new WeakMap()
    this.#collections = []
  }
}
