import type { GatewayConfig } from '../core/config.ts'
import type { Log } from '../core/log.ts'
import type { Observer } from '../core/witness.ts'
import { settled } from '../live/settled.ts'
import type { Running } from '../running.ts'
import { UserError } from './exit.ts'
import { closeInTime, watchForStop } from './stop.ts'
import type { Terminal } from './terminal.ts'

/** How long backends may take to answer a command that looks at them once. */
const CONNECT_MS = 30_000

export interface Connection {
  readonly config: GatewayConfig
  readonly log: Log
  readonly terminal: Terminal
  /** See what is done meanwhile; closed with the gateway. */
  readonly observers?: readonly Observer[]
}

/** Connects the backends, lets `look` see them once all have answered or failed, and closes them. */
export async function whileConnected<T>(
  connection: Connection,
  look: (running: Running, signal: AbortSignal) => Promise<T> | T,
): Promise<T> {
  const { config, terminal } = connection
  return whileMade(connection, async (running, signal) => {
    const done = terminal.spin(() => `connecting to ${config.backends.length} backends`)
    await settled(running.backends, CONNECT_MS, signal).finally(done)
    if (signal.aborted) throw new UserError('stopped')
    return look(running, signal)
  })
}

/**
 * Has `look` see the backends while they connect, and closes them. Where a signal has cut that short, the process ends
 * with the code of the signal, whatever comes of the command.
 */
export async function whileMade<T>(
  { config, log, observers = [] }: Connection,
  look: (running: Running, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { createGateway } = await import('../compose.ts')
  const watch = watchForStop(log)
  const running = createGateway(config, { log, observers })
  try {
    return await look(running, watch.signal)
  } finally {
    await closeInTime(() => running.close(), watch, log)
    process.exitCode = watch.cutShort()
  }
}
