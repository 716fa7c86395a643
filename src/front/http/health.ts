import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FrontOptions } from '../options.ts'
import { type Headers, sendObject } from './reply.ts'

const UNCACHED: Headers = ['cache-control', 'no-store', 'x-content-type-options', 'nosniff']

/** `/health` and `/ping`: the process is there. */
export function health(_: IncomingMessage, res: ServerResponse): void {
  sendObject(res, 200, { status: 'ok' })
}

/** `/readyz`: requests can be served. */
export function readyz(res: ServerResponse, { ready }: FrontOptions): void {
  const { ready: isReady, mode, reason } = ready()
  if (isReady) sendObject(res, 200, { status: 'ready', mode })
  else sendObject(res, 503, { status: 'not_ready', mode, ...(reason === undefined ? {} : { reason }) })
}

/** `/status`: what the backends are doing. */
export function status(req: IncomingMessage, res: ServerResponse, options: FrontOptions): void {
  if (req.method === 'GET' || req.method === 'HEAD') sendObject(res, 200, options.status(), UNCACHED)
  else sendObject(res, 405, { error: 'method_not_allowed' }, [...UNCACHED, 'allow', 'GET, HEAD'])
}

export function notFound(res: ServerResponse): void {
  sendObject(res, 404, { error: 'not_found' })
}
