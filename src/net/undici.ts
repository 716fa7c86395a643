import { createRequire } from 'node:module'
import type * as undici from 'undici'

/**
 * The few parts of undici that a start needs, from inside the package, whose version is pinned. The package itself loads
 * three times as much before it has them, Node's own copy of undici too (docs/decisions/0005-idle-memory.md).
 */
const require = createRequire(import.meta.url)

export const Client: typeof undici.Client = require('undici/lib/dispatcher/client.js')
export type Client = undici.Client
export const Pool: typeof undici.Pool = require('undici/lib/dispatcher/pool.js')
export type Pool = undici.Pool
export const Agent: typeof undici.Agent = require('undici/lib/dispatcher/agent.js')
export type Agent = undici.Agent

export const buildConnector: typeof undici.buildConnector = require('undici/lib/core/connect.js')

type Send = (
  this: undici.Dispatcher,
  options: undici.Dispatcher.RequestOptions,
) => Promise<undici.Dispatcher.ResponseData>

const send: Send = require('undici/lib/api/api-request.js')

/** `dispatcher.request(options)`, which dispatchers have once the whole package is loaded. */
export function request(
  dispatcher: undici.Dispatcher,
  options: undici.Dispatcher.RequestOptions,
): Promise<undici.Dispatcher.ResponseData> {
  return send.call(dispatcher, options)
}
