import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Principal } from '../../core/caller.ts'
import type { Authenticate } from '../auth/index.ts'
import type { Heartbeat } from '../http/heartbeat.ts'
import { HttpOutlet } from '../http/outlet.ts'
import { Cancel } from './cancel.ts'
import type { Outlet } from './outlet.ts'
import type { Service } from './service.ts'
import type { Sighting } from './sighting.ts'
import type { Visit } from './visit.ts'
import { refOf } from './watch.ts'

/** An HTTP request for the MCP endpoint whose sender is known. */
export interface Arrival {
  readonly service: Service
  readonly heartbeat: Heartbeat
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly principal: Principal
  /** Who said so. */
  readonly judge: Authenticate | undefined
  /** Of the message that it brings, once that is read; `undefined` where nobody looks. */
  sighting: Sighting | undefined
}

/** Without headers to let through, all callers share this one. */
export const NO_PASSTHROUGH: Readonly<Record<string, string>> = Object.freeze({})

export function visitOf(
  arrival: Arrival,
  outlet: Outlet = outletOf(arrival),
  sighting = arrival.sighting,
): Visit {
  const { service, req, principal } = arrival
  return {
    principal,
    passthrough: pick(req.headers, service.options.passthroughHeaders),
    headers: req.headers,
    outlet,
    cancel: new Cancel(),
    ref: sighting?.ref ?? refOf(arrival),
    sighting,
  }
}

function outletOf({ req, res, heartbeat }: Arrival): HttpOutlet {
  return new HttpOutlet(req, res, heartbeat)
}

function pick(headers: IncomingHttpHeaders, names: readonly string[]): Readonly<Record<string, string>> {
  if (names.length === 0) return NO_PASSTHROUGH
  const picked: Record<string, string> = {}
  for (const name of names) {
    const value = headers[name]
    if (typeof value === 'string') picked[name] = value
  }
  return picked
}
