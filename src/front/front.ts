import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { GatewayError } from '../core/errors.ts'
import type { Gateway } from '../core/gateway.ts'
import { Heartbeat } from './http/heartbeat.ts'
import { identify } from './http/identify.ts'
import { createOriginCheck, type OriginPolicy } from './http/origin.ts'
import { createRoutes } from './http/routes.ts'
import { bind, createHttpServer } from './http/server.ts'
import type { Arrival } from './mcp/arrival.ts'
import { enter } from './mcp/door.ts'
import { toWire } from './mcp/modern/errors.ts'
import {
  invalidRequest,
  OF_SENDERS,
  type Refusal,
  type Refused,
  refuseArrival,
  refuseSender,
} from './mcp/refusal.ts'
import { createService } from './mcp/service.ts'
import { shutDown } from './mcp/shutdown.ts'
import { watchOther } from './mcp/watch.ts'
import type { Front, FrontOptions } from './options.ts'

const HEARTBEAT_MS = 15_000
/** For the last replies to leave after every request has ended. */
const LAST_BYTES_MS = 200

/** The HTTP front door of a gateway, for clients of both eras. */
export function createFront(gateway: Gateway, options: FrontOptions): Front {
  const service = createService(gateway, options)
  const heartbeat = new Heartbeat(HEARTBEAT_MS)
  const routeOf = createRoutes(options, (req, res) => void admit(req, res))
  let isForeign = createOriginCheck(originPolicy(options, ''))

  const server = createHttpServer((req, res) => {
    try {
      const route = routeOf(req.url ?? '/')
      const foreign = route.open ? undefined : isForeign(req)
      if (foreign !== undefined) return refuseArrival({ service, req, res }, invalidRequest(403, foreign))
      const seen = () => route.watched && watchOther({ service, req })?.done(res.statusCode)
      const replying = route.handle(req, res)
      if (replying === undefined) seen()
      else void replying.then(seen).catch((cause: unknown) => fail({ service, req, res }, cause))
    } catch (cause) {
      fail({ service, req, res }, cause)
    }
  })

  async function admit(req: IncomingMessage, res: ServerResponse): Promise<void> {
    let arrival: Refused = { service, req, res }
    try {
      if (!server.listening) return refuseArrival(arrival, shuttingDown())
      const judge = options.authenticate
      const found = identify(options, req)
      const principal = found instanceof Promise ? await found : found
      const known: Arrival = { service, heartbeat, req, res, principal, judge, sighting: undefined }
      arrival = known
      await enter(known)
    } catch (cause) {
      fail(arrival, cause)
    }
  }

  return {
    get connections() {
      return { sessions: service.sessions.size, streams: service.stays.size }
    },
    judge: () => service.stays.judge(),
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

function originPolicy(options: FrontOptions, bound: string): OriginPolicy {
  const { allowedOrigins = [] } = options
  return {
    bound,
    get allowedHosts() {
      return options.allowedHosts ?? []
    },
    allowedOrigins,
  }
}

/** What goes wrong before a request is understood: a credential that is refused, or a fault of ours. */
function fail(arrival: Refused, error: unknown): void {
  const { service, res, sighting } = arrival
  const cause = GatewayError.from(error)
  const { log } = service.options
  if (cause.code === 'internal') log.error({ err: cause }, 'a request failed for a reason of our own')
  const wire = toWire(cause)
  const status = cause.code === 'internal' ? 500 : wire.status
  if (res.headersSent) {
    res.destroy()
    sighting?.abandoned(cause)
  } else if (arrival.principal === undefined && OF_SENDERS.includes(cause.code)) refuseSender(arrival, cause)
  else refuseArrival(arrival, { ...wire, status, cause })
}

function shuttingDown(): Refusal {
  return invalidRequest(503, 'the server is shutting down', ['connection', 'close'])
}
