import type { Readable, Writable } from 'node:stream'
import { type Frame, onOneLine } from '../mcp/frame.ts'
import { MAX_BACKLOG, type StandingOutlet } from '../mcp/outlet.ts'

const LINE_BREAK = Buffer.from('\n')

/** One message per line. While the client does not read, nothing more is read from it. */
export class StdioOutlet implements StandingOutlet {
  readonly resumable = false
  readonly streamed = false
  readonly #input: Readable
  readonly #output: Writable

  constructor(input: Readable, output: Writable) {
    this.#input = input
    this.#output = output
  }

  get streams(): boolean {
    return this.#output.writable
  }

  get connected(): boolean {
    return this.streams
  }

  begin(): void {}

  send(frame: Frame, lossy: boolean): void {
    if (!this.streams || (lossy && this.#output.writableLength > MAX_BACKLOG)) return
    if (this.#output.write(Buffer.concat([...onOneLine(frame), LINE_BREAK])) || this.#input.isPaused()) return
    this.#input.pause()
    this.#output.once('drain', () => this.#input.resume())
  }

  reply(frame: Frame): void {
    this.send(frame, false)
  }

  end(): void {}
}
