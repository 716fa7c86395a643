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
  readonly #records: RecordStore | undefined
  readonly #key: Promise<Buffer | undefined>
  #pausedUntil = 0

  constructor(config: SealedRedisConfig, log: Log) {
    this.#records = recordsIn(config, log)
    this.#key = openKey(config.key).catch((error: Error) => {
      log.error({ error: error.message }, 'tokens are not shared: there is no key to encrypt them with')
      return undefined
    })
  }

  /** Never rejects. */
  async get(name: string): Promise<Got | undefined> {
    const key = await this.#key
    const sealed = key && (await this.#ask((records) => records.get(name)))
    const plain = sealed && unseal(sealed, key, bindingOf(name))
    return plain && (JSON.parse(plain.toString()) as Got)
  }

  async set(name: string, got: Got, ttlMs: number): Promise<void> {
    const key = await this.#key
    if (key === undefined) return
    const sealed = seal(JSON.stringify(got), key, bindingOf(name))
    await this.#ask((records) => records.set(name, sealed, ttlMs))
  }

  async remove(name: string): Promise<void> {
    await this.#ask((records) => records.remove(name))
  }

  async close(): Promise<void> {
    await this.#records?.close()
  }

  /** What is wrong is in the log already, said by what talks to Redis. */
  async #ask<T>(question: (records: RecordStore) => Promise<T>): Promise<T | undefined> {
    if (this.#records === undefined || performance.now() < this.#pausedUntil) return undefined
    try {
      return await question(this.#records)
    } catch {
      this.#pausedUntil = performance.now() + PAUSE_MS
      return undefined
    }
  }
}

function recordsIn(config: SealedRedisConfig, log: Log): RecordStore | undefined {
  try {
    return createRecords(config, log)
  } catch (error) {
    log.error({ error: (error as Error).message }, 'tokens are not shared')
    return undefined
  }
}

function bindingOf(name: string): string[] {
  return ['token for a backend', name]
}
