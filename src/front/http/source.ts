import type { IncomingMessage } from 'node:http'
import type { Source } from '../../core/witness.ts'

/** Where a request comes from. Queries are left out: they may hold tokens. */
export function sourceOf({ url = '/', method, headers, socket }: IncomingMessage): Source {
  const query = url.indexOf('?')
  return {
    transport: 'http',
    endpoint: query < 0 ? url : url.slice(0, query),
    httpMethod: method,
    address: socket.remoteAddress,
    headers,
  }
}
