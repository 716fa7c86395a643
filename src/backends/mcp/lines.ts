import { Pieces } from './pieces.ts'

const LF = 0x0a
const CR = 0x0d

export interface LineOptions {
  /** Longer lines are not kept: `oversize` gets their beginning and their end. */
  readonly limit: number
  /** Whether a lone CR ends a line too, as in event streams. */
  readonly loneCr: boolean
  readonly line: (line: Buffer) => void
  readonly oversize: (head: Buffer, tail: Buffer) => void
  /** A line that is longer than the limit, so many bytes by now, has not ended yet. */
  readonly growing?: (size: number) => void
}

/** How much of the beginning and of the end of an oversize line is kept. */
const EDGE = 256

/** Cuts a stream of bytes into lines, without copying a line that lies within one chunk. */
export class Lines {
  readonly #options: LineOptions
  readonly #pieces = new Pieces()
  /** Of the line, whatever was kept of it. */
  #size = 0
  /** The last chunk ended in a CR: an LF that follows belongs to it. */
  #afterCr = false

  constructor(options: LineOptions) {
    this.#options = options
  }

  push(chunk: Buffer): void {
    let from = this.#afterCr && chunk[0] === LF ? 1 : 0
    this.#afterCr = false
    let lf = chunk.indexOf(LF, from)
    let cr = this.#options.loneCr ? chunk.indexOf(CR, from) : -1
    while (lf >= 0 || cr >= 0) {
      const end = cr >= 0 && (lf < 0 || cr < lf) ? cr : lf
      this.#emit(chunk.subarray(from, end))
      from = end === cr ? this.#skipLf(chunk, end + 1) : end + 1
      if (lf >= 0 && lf < from) lf = chunk.indexOf(LF, from)
      if (cr >= 0 && cr < from) cr = chunk.indexOf(CR, from)
    }
    if (from === chunk.length) return
    this.#keep(chunk.subarray(from))
    if (this.#size > this.#options.limit) this.#options.growing?.(this.#size)
  }

  /** The stream has ended: what is left counts as a line. */
  end(): void {
    if (this.#size > 0) this.#emit(Buffer.alloc(0))
  }

  #skipLf(chunk: Buffer, at: number): number {
    this.#afterCr = at === chunk.length
    return chunk[at] === LF ? at + 1 : at
  }

  #emit(last: Buffer): void {
    if (this.#size === 0 && last.length <= this.#options.limit) {
      this.#options.line(trimCr(last))
      return
    }
    this.#keep(last)
    const kept = this.#pieces.take()
    const isWhole = this.#size <= this.#options.limit
    this.#size = 0
    if (isWhole) this.#options.line(trimCr(kept))
    else this.#options.oversize(kept.subarray(0, EDGE), kept.subarray(-EDGE))
  }

  #keep(piece: Buffer): void {
    this.#size += piece.length
    this.#pieces.push(piece)
    if (this.#size > this.#options.limit) this.#pieces.keepEnds(EDGE)
  }
}

function trimCr(line: Buffer): Buffer {
  return line[line.length - 1] === CR ? line.subarray(0, -1) : line
}
