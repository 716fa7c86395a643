import { type BackendConfig, DEFAULT_RESILIENCE, type Resilience } from '../core/config.ts'

type Given = Pick<BackendConfig, 'timeoutMs' | 'resilience'>

/**
 * On what terms one backend is called: its time-out, and what is done about its failures. Another configuration of
 * these needs no other connection, so that those there are stay.
 */
export class Terms {
  readonly name: string
  /** As given, with the terms that hold now. */
  readonly config: BackendConfig
  #given: Given

  constructor(config: BackendConfig) {
    const now = () => this.#given
    this.#given = config
    this.name = config.name
    this.config = {
      ...config,
      get timeoutMs() {
        return now().timeoutMs
      },
      get resilience() {
        return now().resilience
      },
    }
  }

  /** Of a call, with all its attempts, in milliseconds. */
  get timeoutMs(): number {
    return this.#given.timeoutMs
  }

  get resilience(): Resilience {
    return this.#given.resilience ?? DEFAULT_RESILIENCE
  }

  adopt(config: Given): void {
    this.#given = config
  }
}
