import type { Dispatcher, Client as HttpClient } from 'undici'
import { GatewayError } from '../../../core/errors.ts'
import { trusting } from '../../../net/authorities.ts'
import { Client, Pool } from '../../../net/undici.ts'

export interface OriginOptions {
  readonly url: string
  /** PEM file with authorities that are trusted beside the usual ones. */
  readonly caBundlePath: string | undefined
}

/** Sockets for calls. A call that waits for its client's answer keeps its socket. */
const CALL_SOCKETS = 512
const SIDE_SOCKETS = 32
const CONNECT_TIMEOUT_MS = 10_000
/**
 * An idle socket is closed before usual servers close theirs (Node's after 5 s), since a POST that meets a
 * closing socket cannot be repeated: nobody knows whether it was executed.
 */
const KEEP_ALIVE_MS = 3_000

/** Where requests go, and the sockets on which they do. */
export interface Endpoint {
  readonly url: URL
  readonly path: string
  /** For requests. */
  readonly calls: Pool
  /** For answers and notifications, so that an answer that a call waits for never waits for that call's socket. */
  readonly side: Pool
  /** A socket of its own for one request with a long answer. It closes behind it. */
  stream(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void
}

/** The sockets to one server. */
export class Origin implements Endpoint {
  readonly url: URL
  readonly path: string
  readonly calls: Pool
  readonly side: Pool
  readonly #options: HttpClient.Options

  /** @throws GatewayError `config` when the URL is none of HTTP, or the CA bundle cannot be read */
  constructor(options: OriginOptions) {
    this.url = parseUrl(options.url)
    this.path = this.url.pathname + this.url.search
    this.#options = clientOptions(options.caBundlePath)
    this.calls = new Pool(this.url.origin, { ...this.#options, connections: CALL_SOCKETS })
    this.side = new Pool(this.url.origin, { ...this.#options, connections: SIDE_SOCKETS })
  }

  stream(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    const client = new Client(this.url.origin, this.#options)
    client.dispatch(options, handler)
    void client.close()
  }

  /** Another address of the same server. */
  at(url: URL): Endpoint {
    const { calls, side } = this
    const stream: Endpoint['stream'] = (options, handler) => this.stream(options, handler)
    return { url, path: url.pathname + url.search, calls, side, stream }
  }

  async close(): Promise<void> {
    await Promise.all([this.calls.destroy(), this.side.destroy()])
  }
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new GatewayError('config', "the backend's url must be an absolute http:// or https:// address")
}

function clientOptions(caBundlePath: string | undefined): HttpClient.Options {
  return {
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    // Calls have their own deadline, and streams have none.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: trusting(caBundlePath, { timeout: CONNECT_TIMEOUT_MS }),
  }
}
