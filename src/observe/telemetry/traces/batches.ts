import { type ExportResult, ExportResultCode } from '@opentelemetry/core'
import type { Log } from '../../../core/log.ts'
import type { EndedSpan, SpanEncoder } from './encoder.ts'
import type { ProtobufWriter } from './protobuf.ts'

/** A request of OTLP, encoded. */
export interface SpanBatch {
  readonly spans: number
  readonly bytes: Buffer
  /** What the bytes are a part of. */
  readonly memory: Buffer
}

/** Sends batches; calls back once for each, also where that failed. */
export interface SpanExporter {
  export(batch: SpanBatch, done: (result: ExportResult) => void): void
  shutdown(): Promise<void>
}

/** Spans in one request. */
const BATCH = 512
/**
 * Spans that are encoded together. One by one, between calls, what encodes them would have left the caches of the
 * processor each time; more of them would be old garbage.
 */
const GROUP = 32
/** Units of UTF-16 of a text that is not held until then: of what is encoded, no more than a part is kept. */
const LONG = 1024
/** Bytes of one request, beyond which no span is added: receivers of gRPC take 4 MB. */
const MOST_BYTES = 2 * 1024 * 1024
/** Spans that wait to be sent; more are dropped. */
const MOST_WAITING = 2048
/** Bytes that wait to be sent: with long texts in each span the bound on their number would be none. */
const MOST_BYTES_WAITING = 8 * 1024 * 1024
/** Bytes of memory that is kept. */
const MOST_SPARE = 1024 * 1024
/** How long spans are collected before they are sent. */
const EVERY_MS = 5_000

/** Spans on their way: encoded soon after they end, and sent together, one request at a time. */
export class SpanBatches {
  readonly #encoder: SpanEncoder
  readonly #exporter: SpanExporter
  readonly #log: Log
  /** Not yet encoded. */
  readonly #ended: EndedSpan[] = []
  readonly #sealed: SpanBatch[] = []
  #writer: ProtobufWriter | undefined
  /** Of a batch that was sent: pages that were never touched cost more than to write on them. */
  #spare: Buffer | undefined
  /** In the writer. */
  #open = 0
  /** Ended, in the writer, and in sealed batches that are not under way. */
  #waiting = 0
  /** Of the sealed ones. */
  #bytesWaiting = 0
  #dropped = 0
  #timer: NodeJS.Timeout | undefined
  #isSending = false
  #sending: Promise<void> | undefined
  #closed = false

  constructor(encoder: SpanEncoder, { exporter, log }: { exporter: SpanExporter; log: Log }) {
    this.#encoder = encoder
    this.#exporter = exporter
    this.#log = log
  }

  add(span: EndedSpan): void {
    if (this.#closed) return
    if (this.#waiting >= MOST_WAITING) {
      this.#dropped++
      return
    }
    this.#waiting++
    if (this.#ended.push(span) >= GROUP || isLong(span)) this.#encode()
    if (this.#waiting > 0) this.#timer ??= setTimeout(() => this.#flush(), EVERY_MS).unref()
  }

  /** Sends what is left. */
  async close(): Promise<void> {
    this.#closed = true
    this.#flush()
    await this.#sending
    await this.#exporter.shutdown()
  }

  #flush(): void {
    this.#encode()
    this.#seal()
  }

  #encode(): void {
    for (const span of this.#ended.splice(0)) this.#write(span)
  }

  #write(span: EndedSpan): void {
    if (this.#bytesWaiting >= MOST_BYTES_WAITING) {
      this.#waiting--
      this.#dropped++
      return
    }
    this.#writer ??= this.#encoder.writerFor(BATCH, this.#takeSpare())
    this.#encoder.write(this.#writer, span)
    this.#open++
    if (this.#open >= BATCH || this.#writer.size >= MOST_BYTES) this.#seal()
  }

  #seal(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const writer = this.#writer
    if (writer !== undefined) {
      const bytes = this.#encoder.request(writer)
      this.#sealed.push({ spans: this.#open, bytes, memory: writer.memory })
      this.#bytesWaiting += bytes.length
      this.#writer = undefined
      this.#open = 0
    }
    if (!this.#isSending) this.#sending = this.#sendAll()
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true
    for (let batch = this.#sealed.shift(); batch !== undefined; batch = this.#sealed.shift()) {
      this.#waiting -= batch.spans
      this.#bytesWaiting -= batch.bytes.length
      await this.#send(batch)
      this.#tellDropped()
    }
    this.#isSending = false
  }

  /** What has failed may still be on its way. */
  async #send(batch: SpanBatch): Promise<void> {
    const { code } = await new Promise<ExportResult>((done) => this.#exporter.export(batch, done)).catch(
      () => ({ code: ExportResultCode.FAILED }),
    )
    if (code === ExportResultCode.SUCCESS && batch.memory.length <= MOST_SPARE) this.#spare = batch.memory
  }

  #takeSpare(): Buffer | undefined {
    const spare = this.#spare
    this.#spare = undefined
    return spare
  }

  #tellDropped(): void {
    if (this.#dropped === 0) return
    const dropped = this.#dropped
    this.#dropped = 0
    this.#log.warn({ spans: dropped }, 'spans were dropped: more ended than could be sent')
  }
}

function isLong({ attributes, failure }: EndedSpan): boolean {
  for (const name in attributes) {
    const value = attributes[name]
    if (typeof value === 'string' && value.length > LONG) return true
  }
  return (failure?.message?.length ?? 0) > LONG
}
