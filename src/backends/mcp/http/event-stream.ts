import { Lines } from '../lines.ts'

export interface ServerEvent {
  readonly type: string
  readonly data: Buffer
}

export interface EventStreamOptions {
  /** Bytes of one event. */
  readonly limit: number
  readonly event: (event: ServerEvent) => void
  readonly oversize: () => void
}

const COLON = 0x3a
const SPACE = 0x20
const NEWLINE = Buffer.from('\n')
const BOM = Buffer.from([0xef, 0xbb, 0xbf])

/** An incremental parser of `text/event-stream` (WHATWG HTML §9.2.6) on bytes. */
export class EventStream {
  readonly #options: EventStreamOptions
  readonly #lines: Lines
  #data: Buffer[] = []
  #size = 0
  #type = ''
  #first = true
  /** The last `id` seen; what `Last-Event-ID` would say. */
  lastId = ''
  /** The server's wish for the delay before reconnecting. */
  retryMs: number | undefined

  constructor(options: EventStreamOptions) {
    this.#options = options
    this.#lines = new Lines({
      limit: options.limit,
      loneCr: true,
      line: (line) => this.#line(line),
      oversize: options.oversize,
    })
  }

  push(chunk: Buffer): void {
    this.#lines.push(chunk)
  }

  #line(raw: Buffer): void {
    const line = this.#first && raw.subarray(0, 3).equals(BOM) ? raw.subarray(3) : raw
    this.#first = false
    if (line.length === 0) this.#dispatch()
    else if (line[0] !== COLON) this.#field(line)
  }

  #field(line: Buffer): void {
    const colon = line.indexOf(COLON)
    const name = line.toString('latin1', 0, colon < 0 ? line.length : colon)
    const start = colon < 0 ? line.length : line[colon + 1] === SPACE ? colon + 2 : colon + 1
    const value = line.subarray(start)
    if (name === 'data') this.#append(value)
    else if (name === 'event') this.#type = value.toString('utf8')
    else if (name === 'id') this.#setId(value)
    else if (name === 'retry') this.#setRetry(value.toString('latin1'))
  }

  #append(value: Buffer): void {
    this.#size += value.length + 1
    if (this.#size <= this.#options.limit + 1) this.#data.push(value)
    else this.#data = []
  }

  #setId(value: Buffer): void {
    if (!value.includes(0)) this.lastId = value.toString('utf8')
  }

  #setRetry(text: string): void {
    if (/^\d{1,9}$/.test(text)) this.retryMs = Number(text)
  }

  #dispatch(): void {
    const parts = this.#data
    const size = this.#size
    const type = this.#type === '' ? 'message' : this.#type
    this.#data = []
    this.#size = 0
    this.#type = ''
    if (size > this.#options.limit + 1) this.#options.oversize()
    else if (parts.length > 0) this.#options.event({ type, data: joinLines(parts) })
  }
}

function joinLines(parts: readonly Buffer[]): Buffer {
  if (parts.length === 1) return parts[0] as Buffer
  return Buffer.concat(parts.flatMap((part, index) => (index === 0 ? [part] : [NEWLINE, part])))
}
