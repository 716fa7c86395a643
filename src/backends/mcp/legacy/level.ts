/** RFC 5424 severities, in rising order (MCP, server/utilities/logging). */
const LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency']

export interface LevelOptions {
  /** Whether one client alone is behind the connection, whose wish counts in both directions. */
  readonly own: boolean
  readonly set: (level: string) => Promise<void>
}

/**
 * The log level of a session with a server. Several clients that share it get what the most curious of them
 * wants, and each of their fronts leaves out the rest.
 */
export class Level {
  readonly #options: LevelOptions
  #current = LEVELS.length
  #setting: Promise<void> | undefined

  constructor(options: LevelOptions) {
    this.#options = options
  }

  /** Before a call. Never rejects: a call is worth more than its logs. */
  want(level: string): Promise<void> | undefined {
    const wanted = LEVELS.indexOf(level)
    const enough = this.#options.own ? wanted === this.#current : wanted >= this.#current
    if (wanted < 0 || enough) return this.#setting
    this.#current = wanted
    const setting = this.#set(level).catch(() => {})
    this.#setting = setting
    void setting.then(() => {
      if (this.#setting === setting) this.#setting = undefined
    })
    return setting
  }

  /** One after the other, so that the last one counts. */
  async #set(level: string): Promise<void> {
    await this.#setting
    await this.#options.set(level)
  }

  /** The server has begun a new session. */
  forget(): void {
    this.#current = LEVELS.length
  }
}
