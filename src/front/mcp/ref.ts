import { randomBytes } from 'node:crypto'
import type { RequestRef } from '../../core/call.ts'
import type { TraceContext } from '../../core/trace.ts'

const ACCEPTED = /^[\w.:/+=@-]{1,128}$/
/** Tells the requests of one process from those of another. */
const PROCESS = randomBytes(6).toString('hex')
let count = 0

/** Has no id until somebody asks for it: few requests are ever told of. */
export class LazyRef implements RequestRef {
  trace: TraceContext | undefined = undefined
  #id: string | undefined

  /** @param given by the client, where we let it; what is no fit id is not taken */
  constructor(given?: unknown) {
    this.#id = typeof given === 'string' && ACCEPTED.test(given) ? given : undefined
  }

  get id(): string {
    this.#id ??= `${PROCESS}-${(++count).toString(36)}`
    return this.#id
  }
}
