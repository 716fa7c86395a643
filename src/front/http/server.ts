import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { GatewayError } from '../../core/errors.ts'

const MAX_HEADER_BYTES = 1024 * 1024
const HEADERS_TIMEOUT_MS = 10_000
/** To send the whole of a request. Nothing bounds the time of a reply. */
const REQUEST_TIMEOUT_MS = 30_000
const KEEP_ALIVE_MS = 120_000

export function createHttpServer(handle: (req: IncomingMessage, res: ServerResponse) => void): Server {
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: 5_000,
    },
    handle,
  )
  server.timeout = 0
  return server
}

/** @throws GatewayError `config` when the address cannot be bound */
export async function bind(
  server: Server,
  port: number,
  host: string,
): Promise<{ port: number; url: string }> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(cannotBind(cause, port, host)))
    server.listen(port, host, resolve)
  })
  const bound = (server.address() as AddressInfo).port
  const name = host.includes(':') ? `[${host}]` : host
  return { port: bound, url: `http://${name}:${bound}/mcp` }
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something else listens there; stop it or choose another port',
  EACCES: 'it takes more rights than this process has; choose a port above 1023',
  EADDRNOTAVAIL: 'this machine has no such address; choose one that it has, or 127.0.0.1',
  ENOTFOUND: 'the name is unknown; choose an address of this machine, or 127.0.0.1',
}

function cannotBind(cause: NodeJS.ErrnoException, port: number, host: string): GatewayError {
  const reason = REASONS[cause.code ?? ''] ?? cause.message
  return new GatewayError('config', `cannot listen on ${host} port ${port}: ${reason}`, { cause })
}
