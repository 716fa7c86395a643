import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Headers, sendEmpty, sendObject } from './reply.ts'

/** Clients in web pages read it too, wherever they come from: it holds nothing but what everybody is told. */
const PUBLIC: Headers = [
  ...['access-control-allow-origin', '*', 'cache-control', 'public, max-age=300'],
  ...['x-content-type-options', 'nosniff'],
]
const PREFLIGHT: Headers = [
  ...['access-control-allow-origin', '*', 'access-control-allow-methods', 'GET'],
  ...['access-control-allow-headers', '*', 'access-control-max-age', '300'],
]

/** A document for everybody, such as the metadata of an OAuth protected resource (RFC 9728 §3). */
export function wellKnown({ method }: IncomingMessage, res: ServerResponse, document: object): void {
  if (method === 'GET' || method === 'HEAD') sendObject(res, 200, document, PUBLIC)
  else if (method === 'OPTIONS') sendEmpty(res, 204, PREFLIGHT)
  else sendObject(res, 405, { error: 'method_not_allowed' }, ['allow', 'GET, HEAD, OPTIONS'])
}
