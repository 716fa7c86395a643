import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../../core/log.ts'
import { PendingLines, PIECE, type Piece } from './pending.ts'
import type { Sink } from './sink.ts'

export interface WriterOptions {
  readonly log: Log
  /** What gives way when more waits than may. */
  readonly onFull: 'drop' | 'block'
  /** Bytes that may wait to be written. */
  readonly maxBytes?: number
  /** Until a line is written, for others to come along. */
  readonly gatherMs?: number
  /** Between two attempts while nothing can be written. */
  readonly retryMs?: number
  /** At the end, for what still waits. */
  readonly closeMs?: number
}

const DEFAULTS = { maxBytes: 16 * 1024 * 1024, gatherMs: 20, retryMs: 500, closeMs: 3_000 }
const LINE_BREAK = 10

/**
 * Writes lines in batches, in order. What cannot be written waits, up to a bound; beyond it lines are dropped and
 * counted, or requests wait (`room`).
 */
export class AuditWriter {
  readonly #sink: Sink
  readonly #options: Required<WriterOptions>
  readonly #pending = new PendingLines()
  /** What is being written, and how much of it is. */
  #batch: Piece | undefined
  #at = 0
  #dropped = 0
  /** Whether it was said that lines are dropped, since there was room last. */
  #dropping = false
  #failing: string | undefined
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> | undefined
  #room: Room | undefined
  #closing = false
  /** Nothing more is tried. */
  #over = false
  #closed: Promise<string> | undefined
  #onFull: WriterOptions['onFull']

  constructor(sink: Sink, options: WriterOptions) {
    this.#sink = sink
    this.#options = { ...DEFAULTS, ...options }
    this.#onFull = options.onFull
  }

  /** What gives way from now on. */
  set onFull(onFull: WriterOptions['onFull']) {
    this.#onFull = onFull
    if (onFull === 'drop') this.#release()
  }

  /** What an operator is told. */
  get state() {
    return {
      waiting: this.#pending.lines + (this.#batch?.lines ?? 0),
      dropped: this.#dropped,
      ...(this.#failing !== undefined && { failing: this.#failing }),
    }
  }

  get full(): boolean {
    return this.#pending.size >= this.#options.maxBytes
  }

  write(line: string): void {
    if (this.full && this.#onFull === 'drop') {
      this.#drop()
      return
    }
    this.#pending.add(line)
    if (this.#writing === undefined) this.#gather()
  }

  /** What requests wait for before they begin; `undefined` where they need not. */
  room(): Promise<void> | undefined {
    if (!this.full || this.#onFull === 'drop' || this.#closing) return undefined
    this.#room ??= new Room()
    return this.#room.promise
  }

  reopen(): Promise<void> {
    return this.#sink.reopen()
  }

  /** Resolves when everything is written, or when that could not be done in time. */
  async close(): Promise<void> {
    const left = await this.end()
    const lost = left.split('\n').length - 1
    if (lost > 0) this.#options.log.error({ lost }, 'the end of the audit log could not be written')
  }

  /** The same. Resolves with the lines that could not be written. */
  end(): Promise<string> {
    this.#closed ??= this.#end()
    return this.#closed
  }

  async #end(): Promise<string> {
    this.#closing = true
    this.#release()
    const deadline = performance.now() + this.#options.closeMs
    this.#start()
    while (this.#writing !== undefined && performance.now() < deadline)
      await Promise.race([this.#writing, sleep(50)])
    this.#over = true
    // A write that hangs may still come to something.
    if (this.#writing === undefined) await this.#sink.close()
    return this.#rest + this.#pending.drain()
  }

  /** Of the batch, what is not written, from the beginning of a line. */
  get #rest(): string {
    if (this.#batch === undefined) return ''
    const { bytes } = this.#batch
    return bytes.subarray(bytes.subarray(0, this.#at).lastIndexOf(LINE_BREAK) + 1).toString()
  }

  #drop(): void {
    this.#dropped++
    if (!this.#dropping)
      this.#options.log.error({}, 'the audit log is not written fast enough: lines are dropped')
    this.#dropping = true
  }

  #recover(): void {
    this.#dropping = false
    this.#options.log.warn(
      { dropped: this.#dropped },
      'there is room in the audit log again; lines are missing',
    )
  }

  #gather(): void {
    this.#timer ??= setTimeout(() => this.#start(), this.#options.gatherMs)
  }

  #start(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined
      if (this.#pending.lines > 0 && !this.#over) this.#gather()
    })
  }

  /** Each write costs as much as many lines, so that after the first only what fills one goes out without a wait. */
  async #writeAll(): Promise<void> {
    let begun = false
    while (!this.#over && (!begun || this.#isDue)) {
      const batch = this.#takeBatch()
      if (batch === undefined) return
      begun = true
      try {
        this.#at += await this.#sink.write(batch.bytes.subarray(this.#at))
        this.#works()
        if (this.#at === batch.bytes.length) this.#written(batch)
      } catch (error) {
        this.#fails(error)
        await sleep(this.#options.retryMs)
      }
    }
  }

  get #isDue(): boolean {
    return this.#batch !== undefined || this.#pending.size >= PIECE || this.#closing
  }

  /** Goes on with what is left of the last one. */
  #takeBatch(): Piece | undefined {
    if (this.#batch !== undefined) return this.#batch
    this.#batch = this.#pending.take()
    this.#at = 0
    if (!this.full) this.#release()
    if (this.#dropping && !this.full) this.#recover()
    return this.#batch
  }

  #written(batch: Piece): void {
    this.#batch = undefined
    this.#pending.release(batch)
  }

  #works(): void {
    if (this.#failing !== undefined) this.#options.log.info({}, 'the audit log can be written again')
    this.#failing = undefined
  }

  /** Told once, however long it lasts. */
  #fails(error: unknown): void {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    if (this.#failing === undefined) {
      this.#options.log.error({ code }, 'the audit log cannot be written; what is to be written waits')
    }
    this.#failing = code
  }

  #release(): void {
    this.#room?.open()
    this.#room = undefined
  }
}

/** What requests wait for. */
class Room {
  open: () => void = () => {}
  readonly promise = new Promise<void>((resolve) => {
    this.open = resolve
  })
}
