import type { GatewayConfig } from '../core/config.ts'
import type { Part, Prepared } from '../core/part.ts'
import type { LevelLog } from '../observe/log.ts'
import type { GlobalOptions } from './globals.ts'

/** Has the log follow the configuration, where the command line says nothing. */
export class LogLevels implements Part {
  readonly #log: LevelLog
  readonly #fixed: boolean

  constructor(log: LevelLog, options: Pick<GlobalOptions, 'debug' | 'logLevel'>) {
    this.#log = log
    this.#fixed = options.logLevel !== undefined || options.debug === true
  }

  use({ logLevel = 'info' }: Pick<GatewayConfig, 'logLevel'>): void {
    if (!this.#fixed) this.#log.level = logLevel
  }

  async prepare(config: GatewayConfig): Promise<Prepared> {
    return { commit: () => this.use(config), discard: async () => {} }
  }
}
