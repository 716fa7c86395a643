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

/** Spans on their way: encoded as they end, and sent together, one request at a time. */
export class SpanBatches {
  readonly #encoder: SpanEncoder
  readonly #exporter: SpanExporter
  readonly #log: Log
  readonly #sealed: SpanBatch[] = []
  #writer: ProtobufWriter | undefined
  /** Of a batch that was sent: pages that were never touched cost more than to write on them. */
  #spare: Buffer | undefined
  /** In the writer. */
  #open = 0
  /** In the writer and in sealed batches that are not under way. */
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
    if (this.#waiting >= MOST_WAITING || this.#bytesWaiting >= MOST_BYTES_WAITING) {
      this.#dropped++
      return
    }
    this.#writer ??= this.#encoder.writerFor(BATCH, this.#takeSpare())
    this.#encoder.write(this.#writer, span)
    this.#open++
    this.#waiting++
    if (this.#open >= BATCH || this.#writer.size >= MOST_BYTES) this.#seal()
    else this.#timer ??= setTimeout(() => this.#seal(), EVERY_MS).unref()
  }

  /** Sends what is left. */
  async close(): Promise<void> {
    this.#closed = true
    this.#seal()
    await this.#sending
    await this.#exporter.shutdown()
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
