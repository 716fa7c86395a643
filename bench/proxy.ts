// node proxy.js URL: the bare reverse proxy that the gateway is compared with. It knows no MCP.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Dispatcher, Pool } from 'undici'
import { listen } from '../test/fixtures/listen.ts'

const target = new URL(process.argv[2] as string)
// A stream that stays open keeps its connection.
const pool = new Pool(target.origin, { connections: 1024, pipelining: 1, bodyTimeout: 0 })
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'host',
  'upgrade',
  'te',
  'trailer',
])

await listen(forward, { port: 0, path: target.pathname })

function forward(req: IncomingMessage, res: ServerResponse): void {
  pool.dispatch(
    {
      path: req.url as string,
      method: req.method as Dispatcher.HttpMethod,
      headers: passed(req.rawHeaders),
      body: req.method === 'POST' ? req : null,
    },
    new Relay(res),
  )
}

/** Streams the answer back as it comes, at the client's pace. Of undici's two handler shapes this is the faster. */
class Relay implements Dispatcher.DispatchHandler {
  readonly #res: ServerResponse
  #resume: (() => void) | undefined

  constructor(res: ServerResponse) {
    this.#res = res
  }

  onConnect(abort: (reason?: Error) => void): void {
    this.#res.on('close', () => {
      if (!this.#res.writableEnded) abort(new Error('client gone'))
    })
  }

  onHeaders(status: number, headers: Buffer[], resume: () => void): boolean {
    this.#resume = resume
    this.#res.writeHead(status, passed(headers.map(String)))
    return true
  }

  onData(chunk: Buffer): boolean {
    const flowing = this.#res.write(chunk)
    if (!flowing && this.#resume !== undefined) this.#res.once('drain', this.#resume)
    return flowing
  }

  onComplete(): void {
    this.#res.end()
  }

  onError(): void {
    if (!this.#res.headersSent) this.#res.writeHead(502)
    this.#res.end()
  }
}

function passed(raw: readonly string[]): string[] {
  const kept: string[] = []
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string
    if (!HOP_BY_HOP.has(name.toLowerCase())) kept.push(name, raw[i + 1] as string)
  }
  return kept
}
