import { isDeepStrictEqual } from 'node:util'
import type { GatewayConfig } from '../core/config.ts'
import type { IncomingAuthConfig } from '../core/incoming-auth-config.ts'
import type { Log } from '../core/log.ts'
import type { Part, Prepared } from '../core/part.ts'
import { createIncoming, type Front, type Incoming } from '../front/index.ts'
import type { Running } from '../running.ts'

interface DoorkeeperOptions {
  readonly log: Log
  /** Host names that clients may use, beyond loopback and the bound host; `*` is any. */
  readonly allowedHosts: readonly string[]
  /** What is asked of who comes in, of all that the configuration says. */
  readonly auth: (config: GatewayConfig) => IncomingAuthConfig | undefined
}

type Served = Pick<Running, 'config' | 'parts' | 'doors'>

/** Says who may come in at a door, as the configuration of the moment has it. */
export class Doorkeeper implements Part {
  readonly #running: Served
  readonly #options: DoorkeeperOptions
  #auth: IncomingAuthConfig | undefined
  #incoming: Incoming
  #hosts: readonly string[]
  #front: Pick<Front, 'judge'> | undefined
  #leave: () => void = () => {}

  private constructor(running: Served, options: DoorkeeperOptions, incoming: Incoming) {
    const auth = options.auth(running.config)
    this.#running = running
    this.#options = options
    this.#auth = auth
    this.#incoming = incoming
    this.#hosts = hostsOf(auth, options.allowedHosts)
  }

  /** @throws GatewayError `config` */
  static open(running: Running, options: DoorkeeperOptions): Promise<Doorkeeper> {
    return running.join(async (config) => {
      const incoming = await incomingOf(options.auth(config), running, options.log)
      return new Doorkeeper(running, options, incoming)
    })
  }

  /** What is open at the front is counted from now on, and judged again when others may come in. */
  standAt(front: Pick<Front, 'connections' | 'judge'>): void {
    const connections = () => front.connections
    this.#front = front
    this.#running.doors.add(connections)
    this.#leave = () => this.#running.doors.delete(connections)
  }

  get incoming(): Incoming {
    return this.#incoming
  }

  get allowedHosts(): readonly string[] {
    return this.#hosts
  }

  async prepare(config: GatewayConfig): Promise<Prepared | undefined> {
    const auth = this.#options.auth(config)
    if (isDeepStrictEqual(auth, this.#auth)) return undefined
    const next = await incomingOf(auth, this.#running, this.#options.log)
    return {
      commit: () => {
        const before = this.#incoming
        this.#auth = auth
        this.#incoming = next
        this.#hosts = hostsOf(auth, this.#options.allowedHosts)
        this.#front?.judge()
        // Whoever it was still asking about is judged by the next one.
        void before.close()
      },
      discard: () => next.close(),
    }
  }

  async close(): Promise<void> {
    this.#running.parts.delete(this)
    this.#leave()
    await this.#incoming.close()
  }
}

function incomingOf(
  auth: IncomingAuthConfig | undefined,
  running: Pick<Running, 'config'>,
  log: Log,
): Promise<Incoming> {
  return createIncoming(auth, { log, name: () => running.config.name })
}

/** With the name that this server is told to have. */
function hostsOf(auth: IncomingAuthConfig | undefined, allowed: readonly string[]): readonly string[] {
  const url = auth?.type === 'oidc' ? auth.resource : undefined
  return url === undefined ? allowed : [...allowed, new URL(url).hostname]
}
