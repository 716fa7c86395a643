import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Log } from '../../core/log.ts'
import { notFound } from './health.ts'
import { createOriginCheck } from './origin.ts'
import { sendObject } from './reply.ts'
import { bind } from './server.ts'

/** Collects everything that is counted, in Prometheus' text format. */
export type Scrape = () => Promise<string>

const TEXT = 'text/plain; version=0.0.4; charset=utf-8'

/** `/metrics`: it is served without authentication. */
export async function metrics(
  { method }: Pick<IncomingMessage, 'method'>,
  res: ServerResponse,
  { scrape, log }: { readonly scrape: Scrape; readonly log: Log },
): Promise<void> {
  if (method !== 'GET' && method !== 'HEAD')
    return sendObject(res, 405, { error: 'method_not_allowed' }, ['allow', 'GET, HEAD'])
  try {
    const body = Buffer.from(await scrape())
    const length = String(body.length)
    res.writeHead(200, { 'content-type': TEXT, 'content-length': length, 'cache-control': 'no-store' })
    res.end(body)
  } catch (err) {
    log.error({ err }, 'metrics could not be collected')
    sendObject(res, 500, { error: 'internal' })
  }
}

export interface MetricsPort {
  readonly url: string
  close(): Promise<void>
}

const LOOPBACK = '127.0.0.1'

/** Offers `/metrics` and nothing else, on loopback. @throws GatewayError `config` when the port cannot be had */
export async function openMetricsPort(options: {
  readonly port: number
  /** Of now; without one there is nothing to be had. */
  readonly scrape: () => Scrape | undefined
  readonly log: Log
}): Promise<MetricsPort> {
  const { log } = options
  const isForeign = createOriginCheck({ bound: LOOPBACK, allowedHosts: [], allowedOrigins: [] })
  const server = createServer((req, res) => {
    const foreign = isForeign(req)
    const scrape = options.scrape()
    if (foreign !== undefined) sendObject(res, 403, { error: 'forbidden', message: foreign })
    else if (scrape !== undefined && req.url?.split('?')[0] === '/metrics')
      void metrics(req, res, { scrape, log })
    else notFound(res)
  })
  const { port } = await bind(server, options.port, LOOPBACK)
  return { url: `http://${LOOPBACK}:${port}/metrics`, close: () => end(server) }
}

async function end(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeAllConnections()
  await closed
}
