import type { Running, ServeOptions } from '../compose.ts'
import type { GatewayConfig } from '../core/config.ts'

/** A gateway that can be reached: at a port, or on stdin and stdout. */
export interface Door {
  readonly running: Running
  /** `undefined` on stdin and stdout. */
  readonly url: string | undefined
  /** When the one client of stdin and stdout has gone; never for a port. */
  readonly closed: Promise<void>
  /** Lets calls in flight finish for so long, then closes all, the backends too. */
  close(graceMs: number): Promise<void>
}

/** @throws GatewayError `config` when the port cannot be had */
export async function openDoor(config: GatewayConfig, options: ServeOptions, stdio: boolean): Promise<Door> {
  const { createGateway, openObservers } = await import('../compose.ts')
  const { log } = options
  const running = createGateway(config, { log, observers: await openObservers(config, { log, stdio }) })
  try {
    return stdio ? await openStdio(running, options) : await openHttp(running, options)
  } catch (error) {
    await running.close()
    throw error
  }
}

async function openHttp(running: Running, options: ServeOptions): Promise<Door> {
  const { serveHttp } = await import('../compose.ts')
  const front = await serveHttp(running, options)
  return {
    running,
    url: front.url,
    closed: new Promise<void>(() => undefined),
    async close(graceMs) {
      await front.close(graceMs)
      await running.close()
    },
  }
}

async function openStdio(running: Running, options: ServeOptions): Promise<Door> {
  const { serveStdioFront } = await import('../compose.ts')
  const front = serveStdioFront(running, options)
  return {
    running,
    url: undefined,
    closed: front.closed,
    async close() {
      await front.close()
      await running.close()
    },
  }
}
