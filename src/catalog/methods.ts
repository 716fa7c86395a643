import type { Call, Exchange, Result, TaskCall } from '../core/call.ts'
import type { Caller } from '../core/caller.ts'
import type { MethodItem } from '../core/catalog.ts'
import { GatewayError } from '../core/errors.ts'
import type { Resolved } from '../core/gateway.ts'
import { notFound } from '../core/layer.ts'
import { type Backend, lastReady } from '../core/ports.ts'

type MethodCall = Extract<Call, { kind: 'method' }>

/** JSON-RPC 2.0 §5.1 */
const METHOD_NOT_FOUND = -32601
/** Methods of which it is remembered who knows them. */
const REMEMBERED = 1_000

/** Finds who serves what is about no entry of the catalogue: tasks, and methods of extensions. */
export class Methods {
  readonly #backends: ReadonlyMap<string, Backend>
  readonly #knows = new Map<string, string>()

  constructor(backends: readonly Backend[]) {
    this.#backends = new Map(backends.map((backend) => [backend.name, backend]))
  }

  /** Of a task, the backend that runs it. @throws GatewayError `not_found` */
  task(caller: Caller, call: TaskCall): Resolved {
    const backend = this.#backends.get(call.backend)
    if (backend === undefined) throw notFound(call)
    const item = methodItem(call.method, backend.name)
    return { item, run: (exchange) => backend.run({ caller, call, item }, exchange) }
  }

  /**
   * Of a method, a backend of the client's era that has extensions and knows it; the first by name of several.
   * @param owner the backend whose resource the call names, which is asked first
   * @throws GatewayError `method_not_found`
   */
  method(caller: Caller, call: MethodCall, owner: string | undefined): Resolved {
    const first = owner ?? this.#knows.get(call.method)
    const rank = ({ name, state }: Backend) => (name === first ? 0 : state.status === 'ready' ? 1 : 2)
    const candidates = [...this.#backends.values()]
      .filter((backend) => hasExtensions(backend, caller))
      .sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1))
    const [likely] = candidates
    if (likely === undefined) throw notFound(call)
    return {
      item: methodItem(call.method, likely.name),
      run: (exchange) => this.#ask(candidates, { caller, call }, exchange),
    }
  }

  async #ask(
    candidates: readonly Backend[],
    { caller, call }: { readonly caller: Caller; readonly call: MethodCall },
    exchange: Exchange,
  ): Promise<Result> {
    for (const backend of candidates) {
      try {
        const result = await backend.run(
          { caller, call, item: methodItem(call.method, backend.name) },
          exchange,
        )
        this.#remember(call.method, backend.name)
        return result
      } catch (error) {
        if (!(error instanceof GatewayError) || error.rpc?.code !== METHOD_NOT_FOUND) throw error
      }
    }
    throw notFound(call)
  }

  #remember(method: string, backend: string): void {
    if (this.#knows.size >= REMEMBERED) this.#knows.clear()
    this.#knows.set(method, backend)
  }
}

function methodItem(method: string, backend: string): MethodItem {
  const origin = { backend, name: method }
  return { kind: 'method', name: method, origin, definition: { name: method }, hidden: false }
}

/** One that cannot be reached now is asked last, so that the client learns why there is no answer. */
function hasExtensions({ state }: Backend, { era }: Caller): boolean {
  const server = lastReady(state)?.server
  if (server?.era !== era) return false
  const { extensions, experimental } = server.capabilities
  return isFilled(extensions) || isFilled(experimental)
}

function isFilled(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
}
