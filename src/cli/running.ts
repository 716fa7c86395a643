import type { Running, ServeOptions } from '../compose.ts'
import type { GatewayConfig } from '../core/config.ts'
import type { Log } from '../core/log.ts'

export type { Running } from '../compose.ts'

/** Loaded late: the gateway's modules are of no use to most commands. */
export async function startGateway(config: GatewayConfig, log: Log): Promise<Running> {
  const { createGateway } = await import('../compose.ts')
  return createGateway(config, { log })
}

/** A gateway behind an HTTP port or on stdin and stdout. */
export interface Door {
  readonly url: string | undefined
  /** When the client of a stdio server has gone; never for HTTP. */
  readonly closed: Promise<void>
  close(graceMs: number): Promise<void>
}

export async function openHttp(running: Running, options: ServeOptions): Promise<Door> {
  const { serveHttp } = await import('../compose.ts')
  return { ...(await serveHttp(running, options)), closed: new Promise<void>(() => undefined) }
}

export async function openStdio(running: Running, options: ServeOptions): Promise<Door> {
  const { serveStdioFront } = await import('../compose.ts')
  const front = serveStdioFront(running, options)
  return { url: undefined, closed: front.closed, close: () => front.close() }
}
