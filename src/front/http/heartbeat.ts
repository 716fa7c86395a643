import type { ServerResponse } from 'node:http'

const COMMENT = ': keep-alive\n\n'

/** Writes a comment to every open stream now and then, so that nothing on the way takes it for dead. */
export class Heartbeat {
  readonly #intervalMs: number
  readonly #streams = new Set<ServerResponse>()
  #timer: NodeJS.Timeout | undefined

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs
  }

  add(res: ServerResponse): void {
    this.#streams.add(res)
    this.#timer ??= setInterval(() => this.#beat(), this.#intervalMs).unref()
    res.once('close', () => this.#remove(res))
  }

  #beat(): void {
    for (const res of this.#streams) if (!res.writableEnded && !res.writableNeedDrain) res.write(COMMENT)
  }

  #remove(res: ServerResponse): void {
    this.#streams.delete(res)
    if (this.#streams.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
