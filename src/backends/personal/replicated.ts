import type { Caller } from '../../core/caller.ts'
import type { BackendState, Views } from '../../core/ports.ts'

/** One of several servers that show the same to the same caller. */
export interface ViewedReplica {
  readonly isReachable: boolean
  readonly views: Views | undefined
}

/** What callers are shown by one of several servers: of those that can be reached, the first that knows the caller. */
export class ReplicatedViews implements Views {
  readonly #replicas: readonly ViewedReplica[]

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

  /** The one that the caller is shown now. When it is gone, what another shows is asked for with each list. */
  follow(caller: Caller, signal: AbortSignal): void {
    this.#for(caller)?.follow(caller, signal)
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
