import type { Log } from '../../../core/log.ts'
import { Lines } from '../lines.ts'

const KEPT = 20
const TELLING = /error|cannot|unable|not found|no such|denied|missing|invalid|required|usage/i

/** The lines of a child's stderr: into the log, and the last of them for the report of its end. */
export class Stderr {
  readonly #lines: Lines
  #last: string[] = []

  constructor(backend: string, log: Log, limit: number) {
    const take = (line: string): void => {
      if (line.trim() === '') return
      log.info({ backend, stream: 'stderr' }, line)
      this.#last = [...this.#last.slice(1 - KEPT), line]
    }
    this.#lines = new Lines({
      limit,
      loneCr: false,
      line: (line) => take(line.toString('utf8')),
      oversize: (head) => take(`${head.toString('utf8')}… (cut: the line is longer than ${limit} bytes)`),
    })
  }

  push(chunk: Buffer): void {
    this.#lines.push(chunk)
  }

  end(): void {
    this.#lines.end()
  }

  /** The line that says most about an end: the last that sounds like a complaint, or else the last. */
  get telling(): string | undefined {
    return this.#last.findLast((line) => TELLING.test(line)) ?? this.#last.at(-1)
  }
}
