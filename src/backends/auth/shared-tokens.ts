import type { Log } from '../../core/log.ts'
import type { SealedRedisConfig } from '../../core/outgoing-auth-config.ts'
import type { RecordStore } from '../../core/records.ts'
import { createRecords } from '../../stores/index.ts'
import { openKey } from '../../stores/key.ts'
import { seal, unseal } from '../../stores/sealed.ts'
import type { Got } from './tokens.ts'

/** After Redis has failed, nothing is asked of it for so long: calls would wait for nothing. */
const PAUSE_MS = 5_000

/** Tokens that several gateways share, encrypted. Where they cannot be had, each gateway gets its own. */
export class SharedTokens {
  readonly #records: RecordStore
  readonly #key: Promise<Buffer | undefined>
  #pausedUntil = 0

  constructor(config: SealedRedisConfig, log: Log) {
    this.#records = createRecords(config, log)
    this.#key = openKey(config.key).catch((error: Error) => {
      log.error({ error: error.message }, 'tokens are not shared: there is no key to encrypt them with')
      return undefined
    })
  }

  /** Never rejects. */
  async get(name: string): Promise<Got | undefined> {
    const key = await this.#key
    const sealed = key && (await this.#ask(() => this.#records.get(name)))
    const plain = sealed && unseal(sealed, key, bindingOf(name))
    return plain && (JSON.parse(plain.toString()) as Got)
  }

  async set(name: string, got: Got, ttlMs: number): Promise<void> {
    const key = await this.#key
    if (key === undefined) return
    const sealed = seal(JSON.stringify(got), key, bindingOf(name))
    await this.#ask(() => this.#records.set(name, sealed, ttlMs))
  }

  async remove(name: string): Promise<void> {
    await this.#ask(() => this.#records.remove(name))
  }

  close(): Promise<void> {
    return this.#records.close()
  }

  /** What is wrong is in the log already, said by what talks to Redis. */
  async #ask<T>(question: () => Promise<T>): Promise<T | undefined> {
    if (performance.now() < this.#pausedUntil) return undefined
    try {
      return await question()
    } catch {
      this.#pausedUntil = performance.now() + PAUSE_MS
      return undefined
    }
  }
}

function bindingOf(name: string): string[] {
  return ['token for a backend', name]
}
