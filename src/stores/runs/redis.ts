import type { RedisConfig } from '../../core/limits.ts'
import type { Log } from '../../core/log.ts'
import { RedisClient, type Script, script } from '../redis-client.ts'
import { BELIEVED_MS, type Entry, type EntryName, type EntryStore } from './entry.ts'

/** KEYS: the entry, all ids by their expiry, the ids of the match. ARGV: id, holder, match, until, body, now, most. */
const CREATE = script(`
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[6])
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[7]) then return 0 end
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'holder', ARGV[2], 'match', ARGV[3], 'until', ARGV[4], 'body', ARGV[5])
redis.call('PEXPIREAT', KEYS[1], ARGV[4])
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1])
redis.call('ZADD', KEYS[3], ARGV[4], ARGV[1])
redis.call('PEXPIREAT', KEYS[3], ARGV[4])
return 1
`)
/** KEYS: the entry. ARGV: its holder, the field, the new value. */
const SET = script(`
if redis.call('HGET', KEYS[1], 'holder') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
return 1
`)
/** KEYS: as for CREATE. ARGV: its holder, its id. */
const REMOVE = script(`
if redis.call('HGET', KEYS[1], 'holder') ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[2])
redis.call('ZREM', KEYS[3], ARGV[2])
return 1
`)

/** Entries that several servers share. */
export class RedisEntries implements EntryStore {
  readonly #redis: RedisClient
  readonly #space: string

  /** @param server the name that servers have which share their runs */
  constructor(config: RedisConfig, server: string, log: Log) {
    this.#redis = new RedisClient(config, log)
    // One slot of a cluster for all (Redis Cluster specification, hash tags).
    this.#space = `{${server}}:`
  }

  create(entry: Entry, most: number): Promise<boolean> {
    const { id, holder, match, until, body } = entry
    const fields = [id, holder, match, String(until), body.toString('base64')]
    return this.#did(CREATE, this.#keysOf(entry), [...fields, String(Date.now()), String(most)])
  }

  replace({ id, holder, body }: Entry): Promise<boolean> {
    return this.#did(SET, [this.#entry(id)], [holder, 'body', body.toString('base64')])
  }

  move({ id, holder }: EntryName, next: string): Promise<boolean> {
    return this.#did(SET, [this.#entry(id)], [holder, 'holder', next])
  }

  remove(name: EntryName): Promise<boolean> {
    return this.#did(REMOVE, this.#keysOf(name), [name.holder, name.id])
  }

  async read(id: string): Promise<Entry | undefined> {
    const { holder, match, until, body } = await this.#redis.ask((it) => it.hGetAll(this.#entry(id)))
    if (holder === undefined || match === undefined || body === undefined) return undefined
    return { id, holder, match, until: Number(until), body: Buffer.from(body, 'base64') }
  }

  async names(match?: string): Promise<readonly EntryName[]> {
    const set = match === undefined ? this.#all : this.#match(match)
    const ids = await this.#redis.ask((it) => it.zRangeByScore(set, Date.now(), '+inf'))
    const found = await Promise.all(ids.map((id) => this.#nameOf(id)))
    return found.filter((name) => name !== undefined)
  }

  async beat(server: string): Promise<void> {
    await this.#redis.ask((it) =>
      it.set(this.#presence(server), '1', { expiration: { type: 'PX', value: BELIEVED_MS } }),
    )
  }

  async isThere(server: string): Promise<boolean> {
    return (await this.#redis.ask((it) => it.exists(this.#presence(server)))) === 1
  }

  close(): Promise<void> {
    return this.#redis.close()
  }

  async #nameOf(id: string): Promise<EntryName | undefined> {
    const fields = await this.#redis.ask((it) => it.hmGet(this.#entry(id), ['holder', 'match', 'until']))
    const [holder, match, until] = fields
    return holder && match ? { id, holder, match, until: Number(until) } : undefined
  }

  async #did(what: Script, keys: string[], values: string[]): Promise<boolean> {
    return (await this.#redis.run(what, { keys, arguments: values })) === 1
  }

  #keysOf({ id, match }: EntryName): string[] {
    return [this.#entry(id), this.#all, this.#match(match)]
  }

  #entry(id: string): string {
    return this.#redis.key(`${this.#space}run:${id}`)
  }

  get #all(): string {
    return this.#redis.key(`${this.#space}runs`)
  }

  #match(match: string): string {
    return this.#redis.key(`${this.#space}match:${match}`)
  }

  #presence(server: string): string {
    return this.#redis.key(`${this.#space}alive:${server}`)
  }
}
