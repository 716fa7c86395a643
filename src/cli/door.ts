import type { GatewayConfig } from '../core/config.ts'
import type { ServeOptions } from '../doors/http.ts'
import { MetricsDoor } from '../doors/metrics.ts'
import { openObserving } from '../observe/observing.ts'
import type { Running } from '../running.ts'
import { RunStorage } from '../workflows/run-storage.ts'

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

/** @throws GatewayError `config` when a port or a file cannot be had */
export async function openDoor(config: GatewayConfig, options: ServeOptions, stdio: boolean): Promise<Door> {
  const { log } = options
  const { createGateway } = await import('../compose.ts')
  const observing = await openObserving(config, { log, stdio })
  const running = await orClosed(observing, () => createGateway(config, { log, observing }))
  let metrics: MetricsDoor | undefined
  try {
    await RunStorage.open(running, log)
    metrics = await MetricsDoor.open(running, { log, elsewhere: !stdio })
    const door = stdio ? await openStdio(running, options) : await openHttp(running, options)
    return closing(door, metrics)
  } catch (error) {
    await metrics?.close()
    await running.close()
    throw error
  }
}

/** @throws what `make` does, when that is closed */
async function orClosed<T>(closable: { close(): Promise<void> }, make: () => T): Promise<T> {
  try {
    return make()
  } catch (error) {
    await closable.close()
    throw error
  }
}

/** Metrics can be read as long as there is something to read. */
function closing(door: Door, metrics: MetricsDoor): Door {
  return {
    ...door,
    async close(graceMs) {
      await door.close(graceMs)
      await metrics.close()
    },
  }
}

async function openHttp(running: Running, options: ServeOptions): Promise<Door> {
  const { serveHttp } = await import('../doors/http.ts')
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
  const { serveStdioFront } = await import('../doors/stdio.ts')
  const front = await serveStdioFront(running, options)
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
