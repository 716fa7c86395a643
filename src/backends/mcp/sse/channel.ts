import type { Caller } from '../../../core/caller.ts'
import { type Refusal, wordsOf } from '../../auth/index.ts'
import type { Channel, ChannelEvents, Headers, Outgoing, OutgoingRequest, Sink, Ticket } from '../channel.ts'
import { closed, Failure } from '../failure.ts'
import type { HttpChannelOptions } from '../http/channel.ts'
import { HttpChannel, noCredentials } from '../http/channel.ts'
import { refused } from '../http/failures.ts'
import type { Origin } from '../http/origin.ts'
import { Multiplex } from '../multiplex.ts'
import { SseStream } from './stream.ts'

export interface SseChannelOptions extends Omit<HttpChannelOptions, 'endpoint'> {
  readonly origin: Origin
  /** Whose headers open the stream. */
  readonly caller: Caller | undefined
}

/** Some servers answer the POST of a request only when they have sent its result. */
const POST_MS = 300_000
const ENDPOINT_TIMEOUT_MS = 10_000

/** HTTP+SSE of MCP 2024-11-05: requests are POSTs, and all answers come over one GET stream. */
export class SseChannel implements Channel {
  readonly perRequest = false
  readonly http = undefined
  readonly #options: SseChannelOptions
  readonly #multiplex: Multiplex
  readonly #stream: SseStream
  readonly #opened: Promise<HttpChannel>
  #posts: HttpChannel | undefined
  /** The headers that the stream is asked for with, credentials included. */
  #sent: Headers = {}
  #refusal: Refusal | undefined

  private constructor(options: SseChannelOptions) {
    const { name, log, limits, late, origin } = options
    this.#options = options
    this.#multiplex = new Multiplex({ name, log, limits, late })
    let settle: (posts: HttpChannel) => void
    let fail: (failure: Failure) => void
    this.#opened = new Promise((resolve, reject) => {
      settle = resolve
      fail = reject
    })
    this.#opened.catch(() => {})
    this.#stream = new SseStream({
      url: origin.url,
      refused: (status, challenge) => this.#refuse(status, challenge),
      messageBytes: limits.messageBytes,
      endpoint: (address) => {
        const url = sameOrigin(address, origin.url)
        if (url === undefined) fail(foreign(address))
        else settle(new HttpChannel({ ...options, endpoint: origin.at(url) }))
      },
      message: (bytes) => this.#multiplex.receive(bytes),
      tooLarge: () => this.#multiplex.tooLarge(undefined),
      ended: (failure) => {
        fail(failure)
        this.#multiplex.lose(failure)
      },
    })
  }

  /** @throws Failure when the server cannot be reached or does not speak so */
  static async open(options: SseChannelOptions, signal: AbortSignal): Promise<SseChannel> {
    const channel = new SseChannel(options)
    try {
      return await channel.#begin(signal)
    } catch (failure) {
      const refusal = channel.#refusal
      const { credentials } = options.dress
      if (refusal === undefined || !(await credentials.refused?.(refusal)) || signal.aborted) throw failure
      return new SseChannel(options).#begin(signal)
    }
  }

  nextId(): number {
    return this.#multiplex.nextId()
  }

  request(outgoing: OutgoingRequest, sink: Sink): Ticket {
    const { id } = outgoing
    if (this.#multiplex.expect(outgoing, sink)) void this.#post(outgoing)
    return { drop: () => this.#multiplex.forget(id), header: () => undefined }
  }

  async send(outgoing: Outgoing): Promise<void> {
    await this.#posts?.send(outgoing)
  }

  attach(events: ChannelEvents): void {
    this.#multiplex.attach(events)
  }

  async close(): Promise<void> {
    this.#multiplex.lose(closed())
    this.#stream.close()
    await this.#posts?.close()
  }

  async #begin(signal: AbortSignal): Promise<SseChannel> {
    const { origin, caller, dress } = this.#options
    const { path, url } = origin
    try {
      this.#sent = await dress.headers({ method: 'GET', body: null, caller }, url)
    } catch (cause) {
      throw noCredentials(cause as Error)
    }
    const headers = { ...this.#sent, accept: 'text/event-stream' }
    origin.stream({ origin: url.origin, path, method: 'GET', headers }, this.#stream)
    try {
      this.#posts = await Promise.race([this.#opened, tooLate(signal)])
      return this
    } catch (failure) {
      this.#stream.close()
      throw failure
    }
  }

  #refuse(status: number, challenge: string | undefined): Failure {
    const { origin, caller, dress } = this.#options
    if (status !== 401 && status !== 403) return refused(origin.url, status, undefined)
    const refusal = { status, challenge, caller, sent: this.#sent } as const
    this.#refusal = refusal
    const advice = dress.credentials.advice?.(refusal)
    return refused(origin.url, status, undefined, { advice, words: wordsOf(refusal) })
  }

  async #post(outgoing: OutgoingRequest): Promise<void> {
    const failure = await this.#posts?.post(outgoing, POST_MS)
    if (failure !== undefined) this.#multiplex.fail(outgoing.id, failure)
  }
}

/** A server must not make us send what we have for it to somebody else. */
function sameOrigin(address: string, url: URL): URL | undefined {
  const endpoint = URL.canParse(address, url.href) ? new URL(address, url.href) : undefined
  return endpoint?.origin === url.origin ? endpoint : undefined
}

function foreign(address: string): Failure {
  const facts = { endpoint: address.split('?')[0]?.slice(0, 200) ?? '' }
  return new Failure('malformed', 'wants messages sent to an address that is not of its own origin', {
    facts,
  })
}

async function tooLate(signal: AbortSignal): Promise<never> {
  const late = AbortSignal.any([signal, AbortSignal.timeout(ENDPOINT_TIMEOUT_MS)])
  await new Promise((resolve) => late.addEventListener('abort', resolve, { once: true }))
  throw new Failure('malformed', 'opened an event stream, and sent no endpoint to send messages to')
}
