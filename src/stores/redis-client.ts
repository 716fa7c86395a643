import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from 'redis'
import type { RedisConfig } from '../core/limits.ts'
import type { Log } from '../core/log.ts'
import { authoritiesOf } from './authorities.ts'

const CONNECT_MS = 5_000
/** For one answer. Calls wait for it. */
const ANSWER_MS = 1_000
const LONGEST_PAUSE_MS = 2_000

/** A connection to Redis that comes back by itself. While there is none, who asks is told so at once. */
export class RedisClient {
  readonly #client
  readonly #prefix: string
  /** When the first attempt to connect has come to something. */
  readonly #tried: Promise<void>

  /** @throws GatewayError `config` when the file of authorities cannot be had */
  constructor({ address, db, keyPrefix, password, tls }: RedisConfig, log: Log) {
    this.#prefix = keyPrefix
    this.#client = createClient({
      url: `${tls === undefined ? 'redis' : 'rediss'}://${address}`,
      database: db,
      ...(password !== undefined && { password }),
      disableOfflineQueue: true,
      socket: {
        ...(tls && { tls: true, ca: authoritiesOf(tls) }),
        connectTimeout: CONNECT_MS,
        reconnectStrategy: (tries) => Math.min(2 ** tries * 50, LONGEST_PAUSE_MS),
      },
    })
    let isDown = false
    this.#client.on('error', (error: Error) => {
      if (!isDown) log.error({ address, error: error.message }, 'Redis cannot be reached')
      isDown = true
    })
    this.#client.on('ready', () => {
      if (isDown) log.info({ address }, 'Redis can be reached again')
      isDown = false
    })
    this.#tried = new Promise((resolve) => {
      this.#client.once('ready', resolve)
      this.#client.once('error', () => resolve())
    })
    this.#client.connect().catch(() => {})
  }

  /** A key of ours, as Redis knows it. */
  key(name: string): string {
    return this.#prefix + name
  }

  /** @throws whatever keeps Redis from answering in time */
  async ask<T>(question: (client: RedisCommands) => Promise<T>): Promise<T> {
    await this.#tried
    const late = new AbortController()
    const timeout = sleep(ANSWER_MS, undefined, { signal: late.signal }).then(() => {
      throw new Error(`Redis did not answer within ${ANSWER_MS / 1000} s`)
    })
    try {
      return await Promise.race([question(this.#client), timeout])
    } finally {
      timeout.catch(() => {})
      late.abort()
    }
  }

  /** Does all of a script in one step. @throws as `ask` */
  run({ text, sha }: Script, input: ScriptInput): Promise<unknown> {
    return this.ask(async (client) => {
      try {
        return await client.evalSha(sha, input)
      } catch (error) {
        // Redis has not seen the script since it was started.
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
        return client.eval(text, input)
      }
    })
  }

  async close(): Promise<void> {
    if (this.#client.isOpen) this.#client.destroy()
  }
}

type RedisCommands = Pick<
  ReturnType<typeof createClient>,
  'evalSha' | 'eval' | 'get' | 'set' | 'del' | 'exists' | 'hGetAll' | 'hmGet' | 'zRangeByScore'
>

/** In Lua. */
export interface Script {
  readonly text: string
  readonly sha: string
}

export function script(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') }
}

interface ScriptInput {
  readonly keys: string[]
  readonly arguments: string[]
}
