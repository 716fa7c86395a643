import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../../core/log.ts'
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
/** Of one write. */
const BATCH = 256 * 1024

/**
 * Writes lines in batches, in order. What cannot be written waits, up to a bound; beyond it lines are dropped and
 * counted, or requests wait (`room`).
 */
export class AuditWriter {
  readonly #sink: Sink
  readonly #options: Required<WriterOptions>
  #lines: string[] = []
  /** What is being written. */
  #batch: Buffer = Buffer.alloc(0)
  /** About, of the lines: one for each unit of UTF-16. */
  #size = 0
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

  constructor(sink: Sink, options: WriterOptions) {
    this.#sink = sink
    this.#options = { ...DEFAULTS, ...options }
  }

  /** What an operator is told. */
  get state() {
    return {
      waiting: this.#lines.length + (this.#batch.length > 0 ? 1 : 0),
      dropped: this.#dropped,
      ...(this.#failing !== undefined && { failing: this.#failing }),
    }
  }

  get full(): boolean {
    return this.#size >= this.#options.maxBytes
  }

  write(line: string): void {
    if (this.full && this.#options.onFull === 'drop') {
      this.#drop()
      return
    }
    this.#lines.push(line)
    this.#size += line.length
    if (this.#writing === undefined) this.#gather()
  }

  /** What requests wait for before they begin; `undefined` where they need not. */
  room(): Promise<void> | undefined {
    if (!this.full || this.#options.onFull === 'drop' || this.#closing) return undefined
    this.#room ??= new Room()
    return this.#room.promise
  }

  reopen(): Promise<void> {
    return this.#sink.reopen()
  }

  /** Resolves when everything is written, or when that could not be done in time. */
  async close(): Promise<void> {
    this.#closing = true
    this.#release()
    const deadline = performance.now() + this.#options.closeMs
    this.#start()
    while (this.#writing !== undefined && performance.now() < deadline)
      await Promise.race([this.#writing, sleep(50)])
    this.#over = true
    const { waiting } = this.state
    if (waiting > 0) {
      this.#options.log.error({ lost: waiting }, 'the end of the audit log could not be written')
      return
    }
    await this.#sink.close()
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
      if (this.#lines.length > 0 && !this.#over) this.#gather()
    })
  }

  /** Each write costs as much as many lines, so that after the first only what fills one goes out without a wait. */
  async #writeAll(): Promise<void> {
    let begun = false
    while (!this.#over && (!begun || this.#isDue) && this.#takeBatch()) {
      begun = true
      try {
        const written = await this.#sink.write(this.#batch)
        this.#batch = this.#batch.subarray(written)
        this.#works()
      } catch (error) {
        this.#fails(error)
        await sleep(this.#options.retryMs)
      }
    }
  }

  get #isDue(): boolean {
    return this.#batch.length > 0 || this.#size >= BATCH || this.#closing
  }

  /** Goes on with what is left of the last one. */
  #takeBatch(): boolean {
    if (this.#batch.length > 0) return true
    let taken = 0
    let size = 0
    while (taken < this.#lines.length && size < BATCH) size += (this.#lines[taken++] as string).length
    const all = taken === this.#lines.length
    this.#batch = Buffer.from((all ? this.#lines : this.#lines.slice(0, taken)).join(''))
    this.#lines = all ? [] : this.#lines.slice(taken)
    this.#size -= size
    if (!this.full) this.#release()
    if (this.#dropping && !this.full) this.#recover()
    return taken > 0
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
