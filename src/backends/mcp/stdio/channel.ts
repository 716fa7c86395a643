import type { StdioBackendConfig } from '../../../core/config.ts'
import type { Log } from '../../../core/log.ts'
import { oneLine } from '../../../core/one-line.ts'
import type { Channel, ChannelEvents, Outgoing, OutgoingRequest, Sink, Ticket } from '../channel.ts'
import { closed, endless, Failure } from '../failure.ts'
import type { Limits } from '../limits.ts'
import { Lines } from '../lines.ts'
import { Multiplex } from '../multiplex.ts'
import { Child } from './child.ts'
import type { Children } from './children.ts'

export interface StdioChannelOptions {
  readonly config: StdioBackendConfig
  readonly children: Children
  readonly limits: Limits
  /** An answer came that nobody waits for any more. */
  readonly late: () => void
  readonly log: Log
}

const NEWLINE = Buffer.from('\n')

/** Newline-delimited JSON over the pipes of a child process. */
export class StdioChannel implements Channel {
  readonly perRequest = false
  readonly http = undefined
  readonly #options: StdioChannelOptions
  readonly #multiplex: Multiplex
  readonly #child: Child

  constructor(options: StdioChannelOptions) {
    this.#options = options
    const { config, children, limits, late, log } = options
    this.#multiplex = new Multiplex({ name: config.name, limits, late, log })
    const lines = new Lines({
      limit: limits.messageBytes,
      loneCr: false,
      line: (line) => line.length > 0 && this.#multiplex.receive(line),
      oversize: (head, tail) => this.#multiplex.oversize(head, tail),
      growing: (size) => size > 2 * limits.messageBytes && this.#multiplex.lose(endless(size)),
    })
    this.#child = new Child({
      config,
      children,
      log,
      stderrLineBytes: limits.stderrLineBytes,
      output: (chunk) => this.#multiplex.isLost || lines.push(chunk),
      ended: (failure) => this.#multiplex.lose(failure),
    })
  }

  nextId(): number {
    return this.#multiplex.nextId()
  }

  request(outgoing: OutgoingRequest, sink: Sink): Ticket {
    const { id, body } = outgoing
    if (this.#child.unread > this.#options.limits.unreadBytes)
      queueMicrotask(() => sink.fail(new Failure('busy', 'it does not read what it is sent')))
    else if (this.#multiplex.expect(outgoing, sink)) this.#write(body)
    return { drop: () => this.#multiplex.forget(id), header: () => undefined }
  }

  async send({ body }: Outgoing): Promise<void> {
    if (this.#child.unread <= this.#options.limits.unreadBytes) this.#write(body)
  }

  attach(events: ChannelEvents): void {
    this.#multiplex.attach(events)
  }

  close(): Promise<void> {
    this.#multiplex.lose(closed())
    return this.#child.close()
  }

  #write(body: Buffer): void {
    this.#child.write(oneLine(body))
    this.#child.write(NEWLINE)
  }
}
