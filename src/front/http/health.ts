import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FrontOptions } from '../options.ts'
import { type Headers, sendObject } from './reply.ts'
import { hasToken } from './token.ts'

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

/**
 * Whoever has the token; and, where everybody is let in and nobody from elsewhere gets here, everybody. A proxy on
 * this machine would bring those from elsewhere.
 */
function isOperator(
  req: IncomingMessage,
  { controlToken, authenticate, allowedHosts = [] }: FrontOptions,
): boolean {
  if (controlToken !== undefined && hasToken(req, controlToken)) return true
  if (authenticate !== undefined || allowedHosts.length > 0) return false
  const isProxied = PROXIED.some((header) => req.headers[header] !== undefined)
  return !isProxied && isLoopback(req.socket.localAddress) && isLoopback(req.socket.remoteAddress)
}

const PROXIED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via']

function isLoopback(address = ''): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address)
}

/** `/status`: what the backends are doing. */
export function status(req: IncomingMessage, res: ServerResponse, options: FrontOptions): void {
  if (req.method === 'GET' || req.method === 'HEAD')
    sendObject(res, 200, options.status(isOperator(req, options)), UNCACHED)
  else sendObject(res, 405, { error: 'method_not_allowed' }, [...UNCACHED, 'allow', 'GET, HEAD'])
}

export function notFound(res: ServerResponse): void {
  sendObject(res, 404, { error: 'not_found' })
}
