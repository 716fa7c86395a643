import { serveStdio } from '../front/index.ts'
import type { Running } from '../running.ts'
import { Doorkeeper } from './doorkeeper.ts'
import { type DoorOptions, frontOptions } from './front-options.ts'

export interface StdioDoor {
  /** When the client has gone. */
  readonly closed: Promise<void>
  close(): Promise<void>
}

/** Serves one client on stdin and stdout: the user, who is asked for no token. @throws GatewayError `config` */
export async function serveStdioFront(running: Running, options: DoorOptions): Promise<StdioDoor> {
  const doorkeeper = await Doorkeeper.open(running, {
    log: options.log,
    allowedHosts: [],
    auth: ({ incomingAuth }) => (incomingAuth?.type === 'oidc' ? { type: 'local' } : incomingAuth),
  })
  const front = serveStdio(running.gateway, frontOptions(running, doorkeeper, options))
  doorkeeper.standAt(front)
  return {
    closed: front.closed,
    async close() {
      await front.close()
      await doorkeeper.close()
    },
  }
}
