import { Lines } from '../lines.ts'
import { Pieces } from '../pieces.ts'

export interface ServerEvent {
  readonly type: string
  readonly data: Buffer
}

export interface EventStreamOptions {
  /** Bytes of one event. */
  readonly limit: number
  readonly event: (event: ServerEvent) => void
  /** An event has grown beyond the limit. It is dropped. */
  readonly oversize: () => void
  /** It has grown beyond twice the limit, and may never end. */
  readonly endless?: () => void
}

const COLON = 0x3a
const SPACE = 0x20
const NEWLINE = Buffer.from('\n')
const LONGEST_ID = 1024
const PRINTABLE = /^[ -~]*$/
const BOM = Buffer.from([0xef, 0xbb, 0xbf])

/** An incremental parser of `text/event-stream` (WHATWG HTML §9.2.6) on bytes. */
export class EventStream {
  readonly #options: EventStreamOptions
  readonly #lines: Lines
  readonly #data = new Pieces()
  #dataLines = 0
  /** Of the data of the event, whatever was kept of it. */
  #size = 0
  #dropped = false
  #endless = false
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
      oversize: () => this.#overflow(),
      growing: (size) => this.#grow(this.#size + size),
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
    this.#size += value.length + (this.#dataLines > 0 ? NEWLINE.length : 0)
    if (this.#size > this.#options.limit) this.#grow(this.#size)
    if (this.#dropped) return
    if (this.#dataLines++ > 0) this.#data.push(NEWLINE)
    this.#data.push(value)
  }

  /** A line that is too large came to its end. */
  #overflow(): void {
    this.#size += this.#options.limit + 1
    this.#grow(this.#size)
  }

  #grow(size: number): void {
    const { limit, oversize, endless } = this.#options
    if (!this.#dropped) {
      this.#dropped = true
      this.#data.take()
      oversize()
    }
    if (size <= 2 * limit || this.#endless) return
    this.#endless = true
    endless?.()
  }

  /** What cannot be sent back as a header is not remembered. */
  #setId(value: Buffer): void {
    const id = value.toString('latin1', 0, LONGEST_ID + 1)
    if (id.length <= LONGEST_ID && PRINTABLE.test(id)) this.lastId = id
  }

  #setRetry(text: string): void {
    if (/^\d{1,9}$/.test(text)) this.retryMs = Number(text)
  }

  #dispatch(): void {
    const isEvent = this.#dataLines > 0 && !this.#dropped
    const event = { type: this.#type === '' ? 'message' : this.#type, data: this.#data.take() }
    this.#dataLines = 0
    this.#size = 0
    this.#type = ''
    this.#dropped = false
    this.#endless = false
    if (isEvent) this.#options.event(event)
  }
}
