import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Stage } from '../../fixtures/stage.ts'

const WELL_KNOWN = '/.well-known/oauth-protected-resource/mcp'

/** How a backend takes the calls that come to it. */
type Manner = (req: IncomingMessage, res: ServerResponse, id: unknown) => void

/** A legacy MCP server that keeps the headers of what comes to it, and tells nobody. */
export class Recorder {
  readonly url: string
  readonly seen: IncomingHttpHeaders[] = []
  /** Whether it takes everything as it takes calls. */
  isSurly = false
  readonly #manner: Manner | undefined
  readonly #issuer: string | undefined

  private constructor(url: string, manner?: Manner, issuer?: string) {
    this.url = url
    this.#manner = manner
    this.#issuer = issuer
  }

  /** @param issuer of the tokens that it wants; it says so (RFC 9728), and takes any */
  static async start(stage: Stage, manner?: Manner, issuer?: string): Promise<Recorder> {
    let recorder: Recorder | undefined
    const server = createServer((req, res) => void recorder?.take(req, res))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    stage.defer(async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    })
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
    recorder = new Recorder(url, manner, issuer)
    return recorder
  }

  async take(req: IncomingMessage, res: ServerResponse): Promise<void> {
    if (req.url === WELL_KNOWN) return this.#describe(res)
    this.seen.push(req.headers)
    if (this.#issuer !== undefined && req.headers.authorization === undefined)
      return say(res, {}, 401, { 'www-authenticate': 'Bearer' })
    const pieces: Buffer[] = []
    for await (const piece of req) pieces.push(piece as Buffer)
    const { id, method } = JSON.parse(Buffer.concat(pieces).toString() || '{}') as {
      id?: unknown
      method?: string
    }
    if (this.#manner !== undefined && (this.isSurly || method === 'tools/call')) this.#manner(req, res, id)
    else if (id === undefined) res.writeHead(req.method === 'POST' ? 202 : 405).end()
    else say(res, { jsonrpc: '2.0', id, ...answerTo(method) })
  }

  #describe(res: ServerResponse): void {
    if (this.#issuer === undefined) say(res, {}, 404)
    else say(res, { resource: this.url, authorization_servers: [this.#issuer], scopes_supported: ['mcp'] })
  }

  /** Every value of a header that came. */
  sent(name: string): string[] {
    return [...new Set(this.seen.flatMap((headers) => headers[name] ?? []))]
  }
}

export function say(
  res: ServerResponse,
  body: object,
  status = 200,
  headers: Record<string, string> = {},
): void {
  res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

function answerTo(method: string | undefined): object {
  if (method === 'initialize')
    return {
      result: {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 'recorder', version: '1' },
      },
    }
  if (method === 'tools/list')
    return { result: { tools: [{ name: 'note', inputSchema: { type: 'object' } }] } }
  if (method === 'tools/call') return { result: { content: [{ type: 'text', text: 'noted' }] } }
  return { error: { code: -32601, message: 'Method not found' } }
}
