import { type Dispatcher, Pool } from 'undici'
import { MODERN } from '../test/fixtures/client.ts'

/** One request again and again, of which only the id differs. */
export interface Shot {
  readonly method: string
  readonly params: object
  readonly headers: Readonly<Record<string, string>>
}

export interface Load {
  readonly url: string
  /** Taken in turn. */
  readonly shots: readonly Shot[]
  readonly count: number
  readonly inFlight?: number
  readonly deadlineMs?: number
}

const IN_FLIGHT = 16
const MODERN_META = {
  'io.modelcontextprotocol/protocolVersion': MODERN,
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' },
}

export function modernShot(method: string, params: { readonly name?: string } & object = {}): Shot {
  return {
    method,
    params: { ...params, _meta: MODERN_META },
    headers: {
      'mcp-protocol-version': MODERN,
      'mcp-method': method,
      ...(params.name && { 'mcp-name': params.name }),
    },
  }
}

export function legacyShot(session: string, method: string, params: object = {}): Shot {
  return { method, params, headers: { 'mcp-protocol-version': '2025-11-25', 'mcp-session-id': session } }
}

/** A call of the `echo` fixture's tool, with a filling of `size` bytes. */
export function echoParams(name: string, size = 0) {
  return { name, arguments: size === 0 ? { input: 'hello' } : { input: 'hello', size } }
}

/**
 * Fires `count` requests, so many in flight, over as many kept connections.
 * @throws when one is not answered by a result, or when all are not answered by the deadline
 */
export async function fire(load: Load): Promise<void> {
  const { origin, pathname } = new URL(load.url)
  const inFlight = load.inFlight ?? IN_FLIGHT
  const pool = new Pool(origin, { connections: inFlight, pipelining: 1 })
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`load on ${load.url}: too slow`)),
        load.deadlineMs ?? 60_000,
      )
      const run = new Run(load, pool, pathname, (error) => {
        clearTimeout(timer)
        if (error) reject(error)
        else resolve()
      })
      for (let i = 0; i < Math.min(inFlight, load.count); i++) run.next()
    })
  } finally {
    await pool.destroy()
  }
}

interface Prepared {
  readonly headers: string[]
  /** The body up to its id. */
  readonly head: string
}

class Run {
  readonly #requests: readonly Prepared[]
  readonly #load: Load
  readonly #pool: Pool
  readonly #path: string
  readonly #done: (error?: Error) => void
  #started = 0
  #answered = 0

  constructor(load: Load, pool: Pool, path: string, done: (error?: Error) => void) {
    this.#load = load
    this.#pool = pool
    this.#path = path
    this.#done = done
    this.#requests = load.shots.map(({ method, params, headers }) => ({
      headers: Object.entries({ ...COMMON, ...headers }).flat(),
      head: `{"jsonrpc":"2.0","method":${JSON.stringify(method)},"params":${JSON.stringify(params)},"id":`,
    }))
  }

  next(): void {
    if (this.#started === this.#load.count) return
    const id = ++this.#started
    const { headers, head } = this.#requests[id % this.#requests.length] as Prepared
    this.#pool.dispatch(
      { path: this.#path, method: 'POST', headers, body: `${head}${id}}` },
      new Answer((error) => this.#answer(error)),
    )
  }

  #answer(error: Error | undefined): void {
    if (error) this.#done(error)
    else if (++this.#answered === this.#load.count) this.#done()
    else this.next()
  }
}

const COMMON = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }

class Answer implements Dispatcher.DispatchHandler {
  readonly #done: (error?: Error) => void
  readonly #chunks: Buffer[] = []
  #status = 0

  constructor(done: (error?: Error) => void) {
    this.#done = done
  }

  onConnect(): void {}

  onHeaders(status: number): boolean {
    this.#status = status
    return true
  }

  onData(chunk: Buffer): boolean {
    this.#chunks.push(chunk)
    return true
  }

  onComplete(): void {
    const body = Buffer.concat(this.#chunks)
    const fine = this.#status === 200 && body.includes('"result":') && !body.includes('"isError":true')
    this.#done(fine ? undefined : new Error(`HTTP ${this.#status}: ${body.toString('utf8', 0, 400)}`))
  }

  onError(error: Error): void {
    this.#done(error)
  }
}
