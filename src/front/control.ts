import type { IncomingMessage, ServerResponse } from 'node:http'
import { sendObject } from './http/reply.ts'
import { bind, createHttpServer } from './http/server.ts'
import { hasToken } from './http/token.ts'

export interface ControlOptions {
  /** Who has it may do everything here. */
  readonly token: string
  readonly status: () => object
  /** All that there is, what clients do not get included, and why. */
  readonly catalog: () => object
  /** Never rejects. */
  readonly reload: () => Promise<object>
}

export interface Control {
  readonly url: string
  close(): Promise<void>
}

/** How the one who runs the gateway speaks with it: a port of the loopback interface, and a token. */
export async function openControl(options: ControlOptions): Promise<Control> {
  const server = createHttpServer((req, res) => void answer(req, res, options))
  server.unref()
  const { port } = await bind(server, 0, '127.0.0.1')
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
      server.closeAllConnections()
      await closed
    },
  }
}

async function answer(req: IncomingMessage, res: ServerResponse, options: ControlOptions): Promise<void> {
  req.resume()
  if (!hasToken(req, options.token)) return sendObject(res, 401, { error: 'unauthorized' })
  switch (`${req.method} ${req.url}`) {
    case 'GET /status':
      return sendObject(res, 200, options.status())
    case 'GET /catalog':
      return sendObject(res, 200, options.catalog())
    case 'POST /reload':
      return sendObject(res, 200, await options.reload())
    default:
      return sendObject(res, 404, { error: 'not_found' })
  }
}
