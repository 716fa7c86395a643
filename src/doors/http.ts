import { createFront } from '../front/index.ts'
import type { Running } from '../running.ts'
import { Doorkeeper } from './doorkeeper.ts'
import { type DoorOptions, frontOptions } from './front-options.ts'

export interface ServeOptions extends DoorOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
}

export interface HttpDoor {
  readonly url: string
  close(graceMs: number): Promise<void>
}

/** Opens the HTTP front. @throws GatewayError `config` when the address cannot be bound */
export async function serveHttp(running: Running, options: ServeOptions): Promise<HttpDoor> {
  const { log, allowedHosts = [] } = options
  const doorkeeper = await Doorkeeper.open(running, {
    log,
    allowedHosts,
    auth: ({ incomingAuth }) => incomingAuth,
  })
  try {
    const front = createFront(running.gateway, frontOptions(running, doorkeeper, options))
    const { url } = await front.listen(options.port, options.host)
    doorkeeper.standAt(front)
    const close = async (graceMs: number) => {
      await front.close(graceMs)
      await doorkeeper.close()
    }
    return { url, close }
  } catch (error) {
    await doorkeeper.close()
    throw error
  }
}
