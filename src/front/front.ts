import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { ANONYMOUS } from '../core/caller.ts'
import { GatewayError } from '../core/errors.ts'
import type { Gateway } from '../core/gateway.ts'
import { Heartbeat } from './http/heartbeat.ts'
import { createOriginCheck, type OriginPolicy } from './http/origin.ts'
import { refuse, sendRpcError } from './http/reply.ts'
import { createRoutes, findRoute } from './http/routes.ts'
import { bind, createHttpServer } from './http/server.ts'
import { enter } from './mcp/door.ts'
import { toWire } from './mcp/modern/errors.ts'
import { createService } from './mcp/service.ts'
import { shutDown } from './mcp/shutdown.ts'
import type { Front, FrontOptions } from './options.ts'

const HEARTBEAT_MS = 15_000
/** For the last replies to leave after every request has ended. */
const LAST_BYTES_MS = 200

/** The HTTP front door of a gateway, for clients of both eras. */
export function createFront(gateway: Gateway, options: FrontOptions): Front {
  const service = createService(gateway, options)
  const heartbeat = new Heartbeat(HEARTBEAT_MS)
  const routes = createRoutes(options, (req, res) => void admit(req, res))
  let isForeign = createOriginCheck(originPolicy(options, ''))

  const server = createHttpServer((req, res) => {
    try {
      const route = findRoute(routes, req.url ?? '/')
      const foreign = route.open ? undefined : isForeign(req)
      if (foreign !== undefined) return refuse(res, 403, foreign)
      void route.handle(req, res)?.catch((cause: unknown) => fail(options, res, cause))
    } catch (cause) {
      fail(options, res, cause)
    }
  })

  async function admit(req: IncomingMessage, res: ServerResponse): Promise<void> {
    try {
      if (!server.listening) return refuse(res, 503, 'the server is shutting down', ['connection', 'close'])
      const principal = options.authenticate === undefined ? ANONYMOUS : await options.authenticate(req)
      await enter({ service, heartbeat, req, res, principal })
    } catch (cause) {
      fail(options, res, cause)
    }
  }

  return {
    listen(port, host) {
      isForeign = createOriginCheck(originPolicy(options, host))
      return bind(server, port, host)
    },
    async close(graceMs) {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
      await shutDown(service, graceMs)
      server.closeIdleConnections()
      await Promise.race([closed, sleep(LAST_BYTES_MS)])
      server.closeAllConnections()
      await closed
    },
  }
}

function originPolicy({ allowedHosts = [], allowedOrigins = [] }: FrontOptions, bound: string): OriginPolicy {
  return { bound, allowedHosts, allowedOrigins }
}

/** What goes wrong before a request is understood: a credential that is refused, or a fault of ours. */
function fail({ log }: FrontOptions, res: ServerResponse, cause: unknown): void {
  const error = GatewayError.from(cause)
  if (error.code === 'internal') log.error({ err: error }, 'a request failed for a reason of our own')
  const wire = toWire(error)
  if (res.headersSent) res.destroy()
  else sendRpcError(res, error.code === 'internal' ? 500 : wire.status, wire.error)
}
