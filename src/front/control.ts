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
  readonly runs: RunsControl
}

/** About runs of composite tools, by their ids. `undefined` where there is none. */
export interface RunsControl {
  list(): Promise<object>
  find(id: string): Promise<object | undefined>
  cancel(id: string): Promise<object | undefined>
  /** What it takes to go on with it. May hold secrets. */
  resumption(id: string): Promise<object | undefined>
}

export interface Control {
  readonly url: string
  close(): Promise<void>
}

/** How the one who runs the gateway speaks with it: a port of the loopback interface, and a token. */
export async function openControl(options: ControlOptions): Promise<Control> {
  const server = createHttpServer((req, res) => {
    answer(req, res, options).catch(() => sendObject(res, 500, { error: 'internal' }))
  })
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
    case 'GET /runs':
      return sendObject(res, 200, await options.runs.list())
    default: {
      const found = await aboutRun(req, options.runs)
      return found === undefined ? sendObject(res, 404, { error: 'not_found' }) : sendObject(res, 200, found)
    }
  }
}

const ABOUT_RUN = /^(GET|POST) \/runs\/([\w-]{1,64})(?:\/(\w+))?$/

async function aboutRun(req: IncomingMessage, runs: RunsControl): Promise<object | undefined> {
  const [, method, id = '', what = ''] = ABOUT_RUN.exec(`${req.method} ${req.url}`) ?? []
  switch (`${method} ${what}`) {
    case 'GET ':
      return runs.find(id)
    case 'GET resumption':
      return runs.resumption(id)
    case 'POST cancel':
      return runs.cancel(id)
    default:
      return undefined
  }
}
