/** Lines in one piece, as they are written. */
export interface Piece {
  readonly bytes: Buffer
  readonly lines: number
  /** What the bytes are a part of. */
  readonly memory: Buffer
}

/** Bytes of a piece, where its lines are no longer than that. */
export const PIECE = 256 * 1024
/** Of one unit of UTF-16 in UTF-8, at most. */
const MOST_BYTES = 3

/**
 * Lines that wait to be written, in their order. They are kept as bytes: the pieces that a text was put together from
 * live on with it, and cost the garbage collector twice as much as it costs to make the line and to write it.
 */
export class PendingLines {
  readonly #pieces: Piece[] = []
  #memory: Buffer | undefined
  #used = 0
  /** In the memory that is being filled. */
  #open = 0
  #lines = 0
  #size = 0
  #spare: Buffer | undefined

  /** How many there are. */
  get lines(): number {
    return this.#lines
  }

  /** Bytes of them all. */
  get size(): number {
    return this.#size
  }

  add(line: string): void {
    const memory = this.#memoryFor(line.length * MOST_BYTES)
    const written = memory.write(line, this.#used)
    this.#used += written
    this.#size += written
    this.#open++
    this.#lines++
  }

  /** The oldest of them, which are no longer here; `undefined` where there are none. */
  take(): Piece | undefined {
    if (this.#pieces.length === 0) this.#seal()
    const piece = this.#pieces.shift()
    if (piece === undefined) return undefined
    this.#size -= piece.bytes.length
    this.#lines -= piece.lines
    return piece
  }

  /** The piece is written: its memory may be used again. */
  release({ memory }: Piece): void {
    if (memory.length === PIECE) this.#spare = memory
  }

  /** All of them as text, which are no longer here. */
  drain(): string {
    const texts: string[] = []
    for (let piece = this.take(); piece !== undefined; piece = this.take()) texts.push(piece.bytes.toString())
    return texts.join('')
  }

  #memoryFor(bytes: number): Buffer {
    if (this.#memory !== undefined && this.#used + bytes <= this.#memory.length) return this.#memory
    this.#seal()
    this.#memory = bytes <= PIECE ? this.#takeSpare() : Buffer.allocUnsafeSlow(bytes)
    return this.#memory
  }

  #takeSpare(): Buffer {
    const spare = this.#spare ?? Buffer.allocUnsafeSlow(PIECE)
    this.#spare = undefined
    return spare
  }

  #seal(): void {
    const memory = this.#memory
    if (memory === undefined) return
    this.#pieces.push({ bytes: memory.subarray(0, this.#used), lines: this.#open, memory })
    this.#memory = undefined
    this.#used = 0
    this.#open = 0
  }
}
