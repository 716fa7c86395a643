import { MAX_MESSAGE } from '../mcp/message.ts'

const LF = 0x0a
const CR = 0x0d

/** What came in on a line; `undefined` for a line that is longer than a message may be. */
export type TakeLine = (line: Buffer | undefined) => void

/** Cuts a byte stream into lines. Empty ones are left out; of a line that is too long nothing is kept. */
export class Lines {
  readonly #take: TakeLine
  #pieces: Buffer[] = []
  #length = 0

  constructor(take: TakeLine) {
    this.#take = take
  }

  push(chunk: Buffer): void {
    let from = 0
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, from)) {
      this.#append(chunk.subarray(from, at))
      this.#finish()
      from = at + 1
    }
    this.#append(chunk.subarray(from))
  }

  /** The last line need not end with a line break. */
  end(): void {
    this.#finish()
  }

  #append(piece: Buffer): void {
    this.#length += piece.length
    if (this.#length > MAX_MESSAGE) this.#pieces = []
    else if (piece.length > 0) this.#pieces.push(piece)
  }

  #finish(): void {
    const [first] = this.#pieces
    const line = this.#pieces.length === 1 && first !== undefined ? first : Buffer.concat(this.#pieces)
    const tooLong = this.#length > MAX_MESSAGE
    this.#pieces = []
    this.#length = 0
    if (tooLong) this.#take(undefined)
    else if (line.length > 1 || (line.length === 1 && line[0] !== CR)) this.#take(line)
  }
}
