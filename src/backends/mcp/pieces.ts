/** Pieces smaller than this are put together as they come. */
const SMALL = 1024
/** They go into blocks, each twice as large as the one before it, since mostly there is one such piece at the end. */
const SMALLEST_BLOCK = 2 * 1024
const LARGEST_BLOCK = 64 * 1024
const NOTHING = Buffer.alloc(0)

/**
 * Bytes that come in pieces until they are whole. However small the pieces are, and however large the memory that
 * each is a part of, all of them take little more than their own size: a peer may send a hundred million of one byte.
 */
export class Pieces {
  #size = 0
  #pieces: Buffer[] = []
  /** Where small pieces are copied to, one behind the other. */
  #block = NOTHING
  #filled = 0
  #nextBlock = SMALLEST_BLOCK

  get size(): number {
    return this.#size
  }

  push(piece: Buffer): void {
    if (piece.length === 0) return
    this.#size += piece.length
    // Nearly always the first is the only one.
    if (this.#pieces.length === 0 && this.#filled === 0) this.#pieces.push(piece)
    else if (piece.length < SMALL) this.#fill(piece)
    else {
      this.#seal()
      this.#pieces.push(compact(piece))
    }
  }

  /** All of it, which is then gone from here. Not copied where it came in one piece. */
  take(): Buffer {
    const pieces = this.#takeAll()
    return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces)
  }

  /** Keeps a copy of the first and the last `length` bytes, where there are more. */
  keepEnds(length: number): void {
    if (this.#size <= 2 * length) return
    const pieces = this.#takeAll()
    const head = Buffer.concat(pieces.slice(0, atLeast(pieces, length)), length)
    const back = pieces.reverse()
    const tail = Buffer.concat(back.slice(0, atLeast(back, length)).reverse())
    this.push(Buffer.concat([head, tail.subarray(-length)]))
  }

  #takeAll(): Buffer[] {
    this.#seal()
    const pieces = this.#pieces
    this.#pieces = []
    this.#size = 0
    this.#nextBlock = SMALLEST_BLOCK
    return pieces
  }

  #fill(piece: Buffer): void {
    if (this.#filled + piece.length > this.#block.length) {
      this.#seal()
      this.#block = Buffer.allocUnsafe(this.#nextBlock)
      this.#nextBlock = Math.min(2 * this.#nextBlock, LARGEST_BLOCK)
    }
    piece.copy(this.#block, this.#filled)
    this.#filled += piece.length
  }

  #seal(): void {
    if (this.#filled === 0) return
    const piece = this.#block.subarray(0, this.#filled)
    this.#pieces.push(this.#filled * 2 < this.#block.length ? Buffer.from(piece) : piece)
    this.#block = NOTHING
    this.#filled = 0
  }
}

/** A copy where the piece would keep much more memory alive than it has. */
function compact(piece: Buffer): Buffer {
  return piece.length * 2 < piece.buffer.byteLength ? Buffer.from(piece) : piece
}

/** How many of the first pieces have so many bytes. */
function atLeast(pieces: readonly Buffer[], bytes: number): number {
  let sum = 0
  let count = 0
  while (sum < bytes && count < pieces.length) sum += (pieces[count++] as Buffer).length
  return count
}
