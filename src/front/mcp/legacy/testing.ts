/** An event as it is on the wire, with its data parsed. */
export interface WireEvent {
  readonly id: string | undefined
  readonly retry: string | undefined
  /** `undefined` when it is empty. */
  readonly message: Record<string, unknown> | undefined
}

/** An event stream that a test reads event by event, and breaks when it wants to. */
export class EventReader {
  readonly status: number
  readonly reply: Response
  readonly #cut: AbortController
  readonly #events: AsyncGenerator<WireEvent>

  private constructor(reply: Response, cut: AbortController) {
    this.status = reply.status
    this.reply = reply
    this.#cut = cut
    this.#events = read(reply)
  }

  static async open(url: string, init: RequestInit): Promise<EventReader> {
    const cut = new AbortController()
    return new EventReader(await fetch(url, { ...init, signal: cut.signal }), cut)
  }

  async next(): Promise<WireEvent> {
    const { value, done } = await this.#events.next()
    if (done === true) throw new Error('the stream ended')
    return value
  }

  /** The messages that come until one fits, that one included. */
  async until(fits: (message: Record<string, unknown>) => boolean): Promise<WireEvent[]> {
    const seen: WireEvent[] = []
    for (;;) {
      const event = await this.next()
      if (event.message === undefined) continue
      seen.push(event)
      if (fits(event.message)) return seen
    }
  }

  /** What comes until the stream ends. */
  async rest(): Promise<WireEvent[]> {
    const seen: WireEvent[] = []
    for await (const event of this.#events) seen.push(event)
    return seen
  }

  /** Breaks the connection. */
  cut(): void {
    this.#cut.abort()
  }
}

async function* read(reply: Response): AsyncGenerator<WireEvent> {
  let rest = ''
  const decoder = new TextDecoder()
  for await (const piece of reply.body as unknown as AsyncIterable<Uint8Array>) {
    const blocks = (rest + decoder.decode(piece, { stream: true })).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) if (!block.startsWith(':')) yield parse(block)
  }
}

function parse(block: string): WireEvent {
  const lines = block.split('\n')
  const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
  const data = field('data')
  return {
    id: field('id'),
    retry: field('retry'),
    message: data === undefined || data === '' ? undefined : (JSON.parse(data) as Record<string, unknown>),
  }
}
