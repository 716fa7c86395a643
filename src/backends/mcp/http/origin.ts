import { readFileSync } from 'node:fs'
import { rootCertificates } from 'node:tls'
import { Pool } from 'undici'
import { GatewayError } from '../../../core/errors.ts'

export interface OriginOptions {
  readonly url: string
  /** PEM file with authorities that are trusted beside the usual ones. */
  readonly caBundlePath: string | undefined
}

/** Sockets for calls. A call that waits for its client's answer keeps its socket. */
const CALL_SOCKETS = 512
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
  /**
   * For answers, notifications and long streams, so that an answer that a call waits for never waits
   * for that call's socket.
   */
  readonly side: Pool
}

/** The sockets to one server. */
export class Origin implements Endpoint {
  readonly url: URL
  readonly path: string
  readonly calls: Pool
  readonly side: Pool

  /** @throws GatewayError `config` when the CA bundle cannot be read */
  constructor(options: OriginOptions) {
    this.url = new URL(options.url)
    this.path = this.url.pathname + this.url.search
    this.calls = makePool(this.url, CALL_SOCKETS, options.caBundlePath)
    this.side = makePool(this.url, undefined, options.caBundlePath)
  }

  /** Another address of the same server. */
  at(url: URL): Endpoint {
    return { url, path: url.pathname + url.search, calls: this.calls, side: this.side }
  }

  async close(): Promise<void> {
    await Promise.all([this.calls.destroy(), this.side.destroy()])
  }
}

function makePool(url: URL, sockets: number | undefined, caBundlePath: string | undefined): Pool {
  const ca = caBundlePath === undefined ? {} : { ca: [...rootCertificates, readBundle(caBundlePath)] }
  return new Pool(url.origin, {
    ...(sockets !== undefined && { connections: sockets }),
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    // Calls have their own deadline, and streams have none.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: CONNECT_TIMEOUT_MS, ...ca },
  })
}

function readBundle(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new GatewayError('config', `cannot read the CA bundle '${path}': ${(cause as Error).message}`, {
      cause,
    })
  }
}
