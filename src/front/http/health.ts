import type { IncomingMessage, ServerResponse } from 'node:http'
import { GatewayError } from '../../core/errors.ts'
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

/** `/status`: what the backends are doing; more of it for those who may call. */
export async function status(
  req: IncomingMessage,
  res: ServerResponse,
  options: FrontOptions,
): Promise<void> {
  if (!isRead(req, res)) return
  sendObject(res, 200, options.status(await viewerOf(req, options)), UNCACHED)
}

/** `/api/backends/health`: how they do, for those who may call. */
export async function backendsHealth(
  req: IncomingMessage,
  res: ServerResponse,
  options: FrontOptions,
): Promise<void> {
  if (options.health === undefined) return notFound(res)
  if (!isRead(req, res)) return
  const viewer = await viewerOf(req, options)
  if (viewer === 'anybody') sendObject(res, 401, { error: 'unauthenticated' }, UNCACHED)
  else sendObject(res, 200, options.health(), UNCACHED)
}

export function notFound(res: ServerResponse): void {
  sendObject(res, 404, { error: 'not_found' })
}

function isRead(req: IncomingMessage, res: ServerResponse): boolean {
  if (req.method === 'GET' || req.method === 'HEAD') return true
  sendObject(res, 405, { error: 'method_not_allowed' }, [...UNCACHED, 'allow', 'GET, HEAD'])
  return false
}

async function viewerOf(
  req: IncomingMessage,
  options: FrontOptions,
): Promise<Parameters<FrontOptions['status']>[0]> {
  const { controlToken } = options
  if (controlToken !== undefined && hasToken(req, controlToken)) return 'operator'
  return (await isPermitted(req, options)) ? 'caller' : 'anybody'
}

/** @throws what goes wrong other than that the credentials are missing or refused */
async function isPermitted(req: IncomingMessage, { authenticate }: FrontOptions): Promise<boolean> {
  try {
    await authenticate?.(req)
    return true
  } catch (error) {
    if (GatewayError.from(error).code === 'unauthenticated') return false
    throw error
  }
}
