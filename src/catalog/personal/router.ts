import type { Call } from '../../core/call.ts'
import { type Caller, identityOf, type Principal } from '../../core/caller.ts'
import type { Catalog } from '../../core/catalog.ts'
import { Differences } from '../../core/differences.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Change, ListChange, Resolved } from '../../core/gateway.ts'
import { once } from '../../core/memo.ts'
import { type Backend, lastReady, type Views } from '../../core/ports.ts'
import { Topic } from '../../core/topic.ts'
import { hearAsides } from '../asides.ts'
import type { Conflict } from '../conflict/claim.ts'
import { openRouter, type Router, type RouterOptions } from '../router.ts'
import { type Circle, Circles, notYet, type Shown } from './circles.ts'
import { whyNot } from './refused.ts'

type PersonalBackend = Backend & { readonly views: Views }

/** What one caller is shown, and with whom. */
interface Seat {
  readonly shown: Shown
  readonly circle: Circle
}

/** Those who watch in the name of one caller. */
interface Audience {
  readonly identity: string
  readonly caller: Caller
  readonly topic: Topic<Change>
  watchers: number
  /** What they have been told of last. */
  catalog: Catalog | undefined
}

const MOST_HASTENERS = 10_000
const EVERYTHING: readonly ListChange[] = [{ kind: 'tools' }, { kind: 'prompts' }, { kind: 'resources' }]

/**
 * The innermost gateway where backends have credentials of the callers, so that each caller may be shown something
 * else. Callers who are shown the same share a router; what the gateway itself is shown is `catalog`, and no caller's.
 */
export class PersonalRouter implements Router {
  readonly #options: RouterOptions
  readonly #base: Router
  readonly #circles: Circles
  readonly #personal: readonly PersonalBackend[]
  readonly #identityOf = once((principal: Principal) => identityOf(principal))
  /** By identity. There are no more than backends know callers. */
  readonly #seats = new Map<string, Seat>()
  readonly #audiences = new Map<string, Audience>()
  /** Who was answered before every backend had shown them what it has. */
  readonly #hasteners = new Set<string>()
  readonly #differences = new Differences()
  readonly #closing = new AbortController()
  readonly #forget: readonly (() => void)[]
  #outside: Circle | undefined
  #telling: NodeJS.Immediate | undefined

  constructor(options: RouterOptions) {
    const { backends } = options
    this.#options = options
    this.#base = openRouter(options)
    const hasViews = ({ views }: Backend) => views !== undefined
    this.#circles = new Circles({ ...options, hasViews, unknown: notYet, open: openRouter })
    this.#personal = backends.all.filter((it): it is PersonalBackend => it.views !== undefined)
    this.#forget = this.#personal.map(({ views }) => views.hear((identity) => this.#onView(identity)))
    void this.#followShared()
  }

  get catalog(): Catalog {
    return this.#base.catalog
  }

  get conflicts(): readonly Conflict[] {
    return this.#base.conflicts
  }

  async list(caller: Caller, signal: AbortSignal): Promise<Catalog> {
    await this.#look(caller)
    const identity = this.#identityOf(caller.principal)
    if (this.#isKnown(caller)) this.#hasteners.delete(identity)
    else if (this.#hasteners.size < MOST_HASTENERS) this.#hasteners.add(identity)
    const catalog = await this.#circleOf(caller).router.list(caller, signal)
    this.#tell(this.#audiences.get(identity))
    return catalog
  }

  async resolve(caller: Caller, call: Call, signal: AbortSignal): Promise<Resolved> {
    let circle = this.#seatOf(caller)?.circle
    if (circle === undefined) {
      await this.#look(caller)
      circle = this.#circleOf(caller)
    }
    try {
      return await circle.router.resolve(caller, call, signal)
    } catch (error) {
      if (GatewayError.from(error).code !== 'not_found') throw error
      // It may have come.
      await this.#look(caller)
      const now = this.#circleOf(caller)
      if (now === circle) throw this.#whyNot(caller, call) ?? error
      return now.router.resolve(caller, call, signal)
    }
  }

  watch(caller: Caller, signal: AbortSignal): AsyncIterable<Change> {
    const identity = this.#identityOf(caller.principal)
    const audience = this.#audienceOf(identity, caller)
    const mailbox = audience.topic.subscribe(signal)
    hearAsides(this.#options.backends.sessions, caller.session, mailbox)
    const over = new AbortController()
    audience.watchers++
    mailbox.onEnd(() => {
      over.abort()
      if (--audience.watchers === 0) this.#audiences.delete(identity)
    })
    if (over.signal.aborted) return mailbox
    this.#tell(audience)
    for (const { views } of this.#personal) views.follow(caller, over.signal)
    return mailbox
  }

  retire(): void {
    this.#endTelling()
    this.#circles.retire()
    this.#base.retire()
  }

  close(): void {
    this.#endTelling()
    this.#circles.close()
    this.#base.close()
  }

  #endTelling(): void {
    this.#closing.abort()
    clearImmediate(this.#telling)
    for (const forget of this.#forget) forget()
    for (const { topic } of [...this.#audiences.values()]) topic.close()
  }

  /** Waits until every backend has shown the caller what it has, as long as there is patience for it. */
  async #look(caller: Caller): Promise<void> {
    const { patience, backends } = this.#options
    const looks = this.#personal.flatMap(({ views }) => views.look(caller) ?? [])
    if (looks.length === 0) return
    const hasSome =
      backends.all.some(({ views, state }) => views === undefined && lastReady(state) !== undefined) ||
      this.#personal.some(({ views }) => views.of(caller) !== undefined)
    await within(Promise.all(looks), hasSome ? patience.graceMs : patience.firstMs)
  }

  /** Where what the caller is shown is still what it was. */
  #seatOf(caller: Caller): Seat | undefined {
    const seat = this.#seats.get(this.#identityOf(caller.principal))
    return seat !== undefined && this.#isCurrent(seat, caller) ? seat : undefined
  }

  #circleOf(caller: Caller): Circle {
    const identity = this.#identityOf(caller.principal)
    const before = this.#seats.get(identity)
    if (before !== undefined && this.#isCurrent(before, caller)) return before.circle
    const shown = this.#personal.map(({ views }) => views.of(caller))
    // Nothing is kept of who is not known to any backend.
    if (shown.every((view) => view === undefined)) return this.#strangers()
    const circle = this.#circles.join(shown)
    this.#seats.set(identity, { shown, circle })
    if (before !== undefined) this.#circles.leave(before.circle)
    return circle
  }

  #isKnown(caller: Caller): boolean {
    return this.#personal.every(({ views }) => views.of(caller) !== undefined)
  }

  #strangers(): Circle {
    this.#outside ??= this.#circles.join(this.#personal.map(() => undefined))
    return this.#outside
  }

  #isCurrent({ shown }: Seat, caller: Caller): boolean {
    for (let at = 0; at < shown.length; at++)
      if (this.#personal[at]?.views.of(caller) !== shown[at]) return false
    return true
  }

  #whyNot(caller: Caller, call: Call): GatewayError | undefined {
    const hidden = this.#personal.flatMap((backend) => {
      const view = backend.views.of(caller)
      return view === undefined || lastReady(view) !== undefined ? [] : [{ backend, view }]
    })
    if (hidden.length === 0) return undefined
    return whyNot(call, hidden, { catalog: this.catalog, strategy: this.#options.policy.strategy })
  }

  #audienceOf(identity: string, caller: Caller): Audience {
    const known = this.#audiences.get(identity)
    if (known !== undefined) return known
    const topic = new Topic<Change>(({ kind }) => kind)
    if (this.#closing.signal.aborted) topic.close()
    const audience = { identity, caller, topic, watchers: 0, catalog: undefined }
    this.#audiences.set(identity, audience)
    return audience
  }

  /** Somebody is shown something else. Of those who do not watch nothing is kept that is not asked for again. */
  #onView(identity: string): void {
    const audience = this.#audiences.get(identity)
    this.#tell(audience)
    const seat = this.#seats.get(identity)
    if (audience !== undefined || seat === undefined) return
    this.#seats.delete(identity)
    this.#circles.leave(seat.circle)
  }

  async #followShared(): Promise<void> {
    for await (const _ of this.#options.backends.watch(this.#closing.signal)) {
      this.#telling ??= setImmediate(() => {
        this.#telling = undefined
        for (const audience of this.#audiences.values()) this.#tell(audience)
      })
    }
  }

  /** Tells how what the caller is shown differs from what was told last. */
  #tell(audience: Audience | undefined): void {
    if (audience === undefined || this.#closing.signal.aborted) return
    const { identity, caller, catalog: before, topic } = audience
    // What is not known any more is no change. What is not known yet will be one for who was answered without it.
    if (!this.#isKnown(caller) && (before !== undefined || !this.#hasteners.has(identity))) return
    const now = this.#circleOf(caller).router.catalog
    audience.catalog = now
    if (before === undefined || before === now) return
    const isOther = this.#options.partialFailure === 'fail' && !isSame(before.missing, now.missing)
    for (const change of isOther ? EVERYTHING : this.#differences.between(before, now)) topic.publish(change)
  }
}

function isSame(some: readonly string[] = [], others: readonly string[] = []): boolean {
  return some.join() === others.join()
}

async function within(done: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([done, late]).finally(() => clearTimeout(timer))
}
