import { onAbort } from '../../core/abort.ts'
import { Brief } from '../../core/brief.ts'
import { type Caller, type Era, identityOf, type Principal } from '../../core/caller.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import type { BackendState, Views } from '../../core/ports.ts'
import type { Dialer } from '../dialer.ts'
import { Gate } from '../gate.ts'
import type { Connection } from '../mcp/connection.ts'
import type { Limits } from '../mcp/limits.ts'
import { noRoom } from '../shares.ts'
import { EqualViews } from './equal.ts'
import { type Circumstances, Person } from './person.ts'

export interface PersonalOptions extends Pick<Circumstances, 'list' | 'down'> {
  readonly name: string
  readonly dialer: Dialer
  readonly limits: Limits
  readonly log: Log
}

export interface PersonalLimits {
  /** Callers of whom something is kept at the same time; of more, the least recently used go. */
  readonly most: number
  /** Of all different views together, as JSON, in characters; of more, too. */
  readonly size: number
  /** Of a caller who has not come for this long, and listens to nothing, nothing is kept. */
  readonly idleMs: number
}

const MOST = 5_000
/** In memory it is several times as much. */
const SIZE = 32 * 1024 * 1024
const IDLE_MS = 5 * 60_000
const AT_ONCE = { places: 20, holdMs: 2_000 }

/**
 * One backend as its callers see it, each with credentials of their own: who has no session of their own has a
 * connection of their own, so that nobody's call ever rides on what was opened in somebody else's name.
 */
export class Personal implements Views {
  readonly #of: Circumstances
  readonly #limits: PersonalLimits
  readonly #name: string
  /** By identity. */
  readonly #persons = new Map<string, Person>()
  readonly #byPrincipal = new WeakMap<Principal, Person>()
  /** How many listen, by identity. */
  readonly #followers = new Map<string, number>()
  readonly #listeners = new Set<(identity: string) => void>()
  #era: Era | undefined
  #sweeping: NodeJS.Timeout | undefined
  #closed = false

  constructor(
    { name, dialer, limits, log, list, down }: PersonalOptions,
    bounds: Partial<PersonalLimits> = {},
  ) {
    this.#name = name
    this.#limits = { most: MOST, size: SIZE, idleMs: IDLE_MS, ...bounds }
    this.#of = {
      name,
      limits,
      brief: new Brief(log),
      equal: new EqualViews(),
      gate: new Gate(AT_ONCE),
      list,
      down,
      dial: async (patron, events, signal) => {
        const connection = await dialer.personal(patron, events, signal)
        this.#era = connection.server.era
        return connection
      },
      changed: (person) => this.#onChanged(person),
    }
  }

  /** Of the server as callers last met it. */
  get era(): Era | undefined {
    return this.#era
  }

  get size(): number {
    return this.#persons.size
  }

  get connections(): number {
    return this.#count(({ connection }) => (connection === undefined ? 0 : 1))
  }

  get calls(): number {
    return this.#count(({ calls }) => calls)
  }

  /** The connection of a caller who is here now, where it stands already. */
  ready(caller: Caller): Connection | undefined {
    return this.#known(caller)?.connection
  }

  /** The connection of one who may have been here with a newer token since. @throws GatewayError */
  async connect(caller: Caller): Promise<Connection> {
    return (this.#find(caller.principal) ?? this.#person(caller)).connect()
  }

  of({ principal }: Caller): BackendState | undefined {
    return this.#find(principal)?.view
  }

  look(caller: Caller): Promise<void> | undefined {
    if (this.#closed) return undefined
    return (this.#known(caller) ?? this.#tryPerson(caller))?.look()
  }

  follow(caller: Caller, signal: AbortSignal): void {
    const identity = identityOf(caller.principal)
    const count = this.#followers.get(identity) ?? 0
    this.#followers.set(identity, count + 1)
    if (count === 0) (this.#known(caller) ?? this.#tryPerson(caller))?.hear()
    onAbort(signal, () => this.#unfollow(identity))
  }

  hear(listener: (identity: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** What anybody is shown may not be of now: of one caller, or of all. */
  doubt(caller?: Caller): void {
    const persons = caller === undefined ? this.#persons.values() : [this.#known(caller)]
    for (const person of persons) person?.doubt()
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#sweeping)
    const persons = [...this.#persons.values()]
    this.#persons.clear()
    await Promise.all(persons.map((person) => person.close()))
  }

  /** Of a caller who is here now. */
  #known(caller: Caller): Person | undefined {
    const person = this.#find(caller.principal)
    if (person === undefined) return undefined
    person.patron.caller = caller
    person.usedAt = performance.now()
    return person
  }

  /** By the principal, which is the same object for each request with a token, and by whom that is where it is not. */
  #find(principal: Principal): Person | undefined {
    const last = this.#byPrincipal.get(principal)
    if (last !== undefined && !last.isClosed) return last
    const person = this.#persons.get(identityOf(principal))
    if (person !== undefined) this.#byPrincipal.set(principal, person)
    return person
  }

  /** @throws GatewayError `unavailable` where all there is room for are busy, or all is over */
  #person(caller: Caller): Person {
    const known = this.#known(caller)
    if (known !== undefined) return known
    if (this.#closed) throw new GatewayError('unavailable', `backend '${this.#name}' is closed`)
    if (this.#persons.size >= this.#limits.most) {
      const next = this.#dispensable()
      if (next === undefined) throw noRoom(this.#name, this.#limits.most)
      this.#forget(next)
    }
    const identity = identityOf(caller.principal)
    const person = new Person(identity, { caller }, this.#of)
    this.#persons.set(identity, person)
    if (this.#followers.has(identity)) person.hear()
    this.#sweeping ??= setInterval(() => this.#sweep(), this.#limits.idleMs / 2).unref()
    return person
  }

  #tryPerson(caller: Caller): Person | undefined {
    try {
      return this.#person(caller)
    } catch {
      return undefined
    }
  }

  #unfollow(identity: string): void {
    const left = (this.#followers.get(identity) ?? 1) - 1
    if (left > 0) this.#followers.set(identity, left)
    else {
      this.#followers.delete(identity)
      this.#persons.get(identity)?.unhear()
    }
  }

  /** The next to go: the one who was not here for the longest. Somebody who listens goes only where nobody else can. */
  #dispensable(may: (person: Person) => boolean = () => true): Person | undefined {
    let next: Person | undefined
    let isFollowed = true
    for (const person of this.#persons.values()) {
      const follows = this.#followers.has(person.identity)
      const isSooner =
        next === undefined || (follows === isFollowed ? person.usedAt < next.usedAt : isFollowed)
      if (!isSooner || person.calls > 0 || !may(person)) continue
      next = person
      isFollowed = follows
    }
    return next
  }

  #onChanged(changed: Person): void {
    const { equal } = this.#of
    this.#tell(changed.identity)
    while (equal.size > this.#limits.size) {
      const next = this.#dispensable((it) => it !== changed && it.view !== undefined && equal.isOnes(it.view))
      if (next === undefined) return
      this.#forget(next)
    }
  }

  #sweep(): void {
    const before = performance.now() - this.#limits.idleMs
    for (const person of [...this.#persons.values()]) {
      const isIdle = person.usedAt <= before && person.calls === 0
      if (isIdle && !this.#followers.has(person.identity)) this.#forget(person)
    }
    if (this.#persons.size > 0) return
    clearInterval(this.#sweeping)
    this.#sweeping = undefined
  }

  #forget(person: Person): void {
    this.#persons.delete(person.identity)
    void person.close()
    this.#tell(person.identity)
  }

  #tell(identity: string): void {
    for (const listener of [...this.#listeners]) listener(identity)
  }

  #count(of: (person: Person) => number): number {
    let count = 0
    for (const person of this.#persons.values()) count += of(person)
    return count
  }
}
