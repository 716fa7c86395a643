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

/** What is served where. */
export function createRoutes(options: FrontOptions, mcp: Handler): ReadonlyMap<string, Route> {
  const { scrape, log } = options
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
  if (scrape !== undefined) {
    const handle: Handler = (req, res) => void metrics(req, res, { scrape, log })
    routes.set('/metrics', { handle, open: false, watched: false })
  }
  for (const [path, document] of options.resource?.documents ?? [])
    routes.set(path, { handle: (req, res) => wellKnown(req, res, document), open: true, watched: true })
  return routes
}

const NOWHERE: Route = { handle: (_, res) => notFound(res), open: true, watched: true }

export function findRoute(routes: ReadonlyMap<string, Route>, url: string): Route {
  const query = url.indexOf('?')
  return routes.get(query < 0 ? url : url.slice(0, query)) ?? NOWHERE
}
