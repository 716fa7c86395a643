import { onAbort } from '../../core/abort.ts'
import type { Caller } from '../../core/caller.ts'
import type { BackendState, ReadyState, SessionViews, Views } from '../../core/ports.ts'

/** One of several servers that show the same to the same caller. */
export interface ViewedReplica {
  readonly isReachable: boolean
  readonly views: Views | undefined
}

/** A caller who listens, and where. */
interface Follower {
  readonly caller: Caller
  views: Views | undefined
  /** Ends the listening there. */
  end: () => void
}

/** What callers are shown by one of several servers: of those that can be reached, the first that knows the caller. */
export class ReplicatedViews implements Views {
  readonly #replicas: readonly ViewedReplica[]
  readonly #followers = new Set<Follower>()

  constructor(replicas: readonly ViewedReplica[]) {
    this.#replicas = replicas
  }

  get size(): number {
    return Math.max(...this.#replicas.map(({ views }) => views?.size ?? 0))
  }

  of(caller: Caller): BackendState | undefined {
    return this.#for(caller)?.of(caller)
  }

  look(caller: Caller): Promise<void> | undefined {
    return this.#for(caller)?.look(caller)
  }

  /** At the one that the caller is shown now, and when that is gone, at another. */
  follow(caller: Caller, signal: AbortSignal): void {
    const follower: Follower = { caller, views: undefined, end() {} }
    this.#followers.add(follower)
    this.#settle(follower)
    onAbort(signal, () => {
      this.#followers.delete(follower)
      follower.end()
    })
  }

  /** Some servers can be reached now that could not, or the other way round. */
  review(): void {
    for (const follower of this.#followers) this.#settle(follower)
  }

  #settle(follower: Follower): void {
    const views = this.#for(follower.caller)
    if (views === follower.views) return
    const over = new AbortController()
    const { end } = follower
    follower.views = views
    follower.end = () => over.abort()
    views?.follow(follower.caller, over.signal)
    end()
  }

  hear(listener: (identity: string) => void): () => void {
    const ends = this.#replicas.map(({ views }) => views?.hear(listener))
    return () => {
      for (const end of ends) end?.()
    }
  }

  #for(caller: Caller): Views | undefined {
    const reachable = this.#replicas.filter(({ isReachable }) => isReachable)
    const some = reachable.length > 0 ? reachable : this.#replicas
    const known = some.find(({ views }) => views?.of(caller) !== undefined)
    return (known ?? some[0])?.views
  }
}

/** What sessions are shown by the one of several servers that they are at. */
export class ReplicatedSessionViews implements SessionViews {
  readonly #all: readonly SessionViews[]

  constructor(replicas: readonly { readonly sessionViews: SessionViews | undefined }[]) {
    this.#all = replicas.flatMap(({ sessionViews }) => sessionViews ?? [])
  }

  get size(): number {
    return this.#all.reduce((sum, { size }) => sum + size, 0)
  }

  of(session: string): ReadyState | undefined {
    for (const views of this.#all) {
      const view = views.of(session)
      if (view !== undefined) return view
    }
    return undefined
  }

  hear(listener: (session: string) => void): () => void {
    const ends = this.#all.map((views) => views.hear(listener))
    return () => {
      for (const end of ends) end()
    }
  }
}
