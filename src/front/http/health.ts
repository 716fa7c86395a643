import type { IncomingMessage, ServerResponse } from 'node:http'
import { GatewayError } from '../../core/errors.ts'
import { hasScopes, insufficientScope } from '../../core/scopes.ts'
import type { FrontOptions } from '../options.ts'
import { identify } from './identify.ts'
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
  const viewer = await viewerOf(req, options)
  sendObject(res, 200, options.status(viewer instanceof GatewayError ? 'anybody' : viewer), UNCACHED)
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
  if (viewer instanceof GatewayError) refuse(res, viewer, options)
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

/** Or why the sender may not call. */
async function viewerOf(
  req: IncomingMessage,
  options: FrontOptions,
): Promise<'operator' | 'caller' | GatewayError> {
  const { controlToken } = options
  if (controlToken !== undefined && hasToken(req, controlToken)) return 'operator'
  return (await refusalOf(req, options)) ?? 'caller'
}

function refuse(res: ServerResponse, cause: GatewayError, { resource }: FrontOptions): void {
  const challenge = resource?.challenge(cause)
  const headers = challenge === undefined ? UNCACHED : [...UNCACHED, 'www-authenticate', challenge]
  if (cause.code === 'denied') sendObject(res, 403, { error: 'insufficient_scope' }, headers)
  else sendObject(res, 401, { error: 'unauthenticated' }, headers)
}

/** Why the sender may not call. @throws what goes wrong other than that */
async function refusalOf(req: IncomingMessage, options: FrontOptions): Promise<GatewayError | undefined> {
  try {
    const principal = await identify(options, req)
    const needed = options.resource?.needed() ?? []
    if (!hasScopes(principal, needed)) throw insufficientScope(needed)
    return undefined
  } catch (error) {
    const cause = GatewayError.from(error)
    if (cause.code === 'unauthenticated' || cause.code === 'denied') return cause
    throw error
  }
}
