import type { Log } from './log.ts'

/** Lines in one second; what is more is for those who want everything. */
const MOST = 10

/** For what may happen thousands of times a second: writes some lines of each second, and the others at level debug. */
export class Brief {
  readonly #log: Log
  #second = -1
  #lines = 0

  constructor(log: Log) {
    this.#log = log
  }

  readonly warn: Log['warn'] = (fields, message) => this.#write('warn', fields, message)

  readonly info: Log['info'] = (fields, message) => this.#write('info', fields, message)

  #write(level: 'warn' | 'info', ...line: Parameters<Log['warn']>): void {
    const second = Math.floor(performance.now() / 1000)
    if (second !== this.#second) this.#lines = 0
    this.#second = second
    if (++this.#lines > MOST) this.#log.debug(...line)
    else this.#log[level](...line)
  }
}
