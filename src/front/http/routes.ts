import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FrontOptions } from '../options.ts'
import { backendsHealth, health, notFound, readyz, status } from './health.ts'
import { metrics } from './metrics.ts'
import { wellKnown } from './well-known.ts'

type Handler = (req: IncomingMessage, res: ServerResponse) => Promise<void> | void

interface Route {
  readonly handle: Handler
  /** Probes come from anywhere under any name; they are told nothing. */
  readonly open: boolean
  /** Whether what comes here is for witnesses; what is watched more closely is not. */
  readonly watched: boolean
}

const PROBE = { open: true, watched: false }

/** What is served where: always the same paths, and those that come and go with the configuration. */
export function createRoutes(options: FrontOptions, mcp: Handler): (url: string) => Route {
  const routes = new Map<string, Route>([
    ['/mcp', { handle: mcp, open: false, watched: false }],
    ['/health', { handle: health, ...PROBE }],
    ['/ping', { handle: health, ...PROBE }],
    ['/readyz', { handle: (_, res) => readyz(res, options), ...PROBE }],
    ['/status', { handle: (req, res) => status(req, res, options), open: false, watched: true }],
    [
      '/api/backends/health',
      { handle: (req, res) => backendsHealth(req, res, options), open: false, watched: true },
    ],
  ])
  return (url) => {
    const query = url.indexOf('?')
    const path = query < 0 ? url : url.slice(0, query)
    return routes.get(path) ?? passingRoute(path, options) ?? NOWHERE
  }
}

function passingRoute(path: string, { scrape, resource, published, log }: FrontOptions): Route | undefined {
  if (path === '/metrics' && scrape !== undefined)
    return { handle: (req, res) => metrics(req, res, { scrape, log }), open: false, watched: false }
  const document = resource?.documents.get(path) ?? published?.(path)
  if (document === undefined) return undefined
  return { handle: (req, res) => wellKnown(req, res, document), open: true, watched: true }
}

const NOWHERE: Route = { handle: (_, res) => notFound(res), open: true, watched: true }
