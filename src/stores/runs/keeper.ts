import { randomBytes } from 'node:crypto'
import type { Principal } from '../../core/caller.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import {
  ENDED_STATUSES,
  type FoundRun,
  type KeptRun,
  type KeptRuns,
  type RunHold,
  type RunKeeper,
  type RunSketch,
  type RunsConfig,
} from '../../core/runs.ts'
import { BEAT_MS, type Entry, type EntryName, type EntryStore } from './entry.ts'
import type { Vault } from './vault.ts'

/** Of a run, unsealed. */
const MOST_BYTES = 4 * 1024 * 1024
const ID = /^[\w-]{1,64}$/

export interface KeeperOptions extends Pick<RunsConfig, 'expireMs' | 'max'> {
  readonly entries: EntryStore
  readonly vault: Vault
  readonly log: Log
}

/** Keeps runs sealed, each for its caller, in a store that several servers may share. */
export class Keeper implements RunKeeper, KeptRuns {
  readonly #options: KeeperOptions
  /** Names this server among those that share the store. */
  readonly #server = randomBytes(8).toString('hex')
  readonly #held = new Set<string>()
  #holds = 0
  #retired = false
  #beating: NodeJS.Timeout | undefined

  constructor(options: KeeperOptions) {
    this.#options = options
  }

  async keep(run: KeptRun, owner: Principal): Promise<RunHold | undefined> {
    const { entries, vault, expireMs, max, log } = this.#options
    const name = {
      id: run.id,
      holder: this.#nextHolder(),
      match: vault.matchOf(run, owner),
      until: Math.round(Date.now() + expireMs),
    }
    const body = this.#sealed(run, owner)
    if (body === undefined) return undefined
    await this.#present()
    if (await entries.create({ ...name, body }, max)) return this.#hold(name, owner)
    log.warn(
      { run: run.id, composite: run.workflow, max },
      'a run that waits is not kept: there are too many',
    )
    return undefined
  }

  async find(id: string, owner: Principal): Promise<FoundRun | undefined> {
    const entry = await this.#read(id)
    return entry && this.#found(entry, owner)
  }

  async orphan(like: Pick<KeptRun, 'workflow' | 'params'>, owner: Principal): Promise<FoundRun | undefined> {
    const { entries, vault } = this.#options
    const names = await entries.names(vault.matchOf(like, owner))
    for (const { id, holder } of [...names].sort((a, b) => a.until - b.until)) {
      if (await this.#isWaitedWith(holder)) continue
      const entry = await entries.read(id)
      const found = entry?.holder === holder ? this.#found(entry, owner) : undefined
      if (found !== undefined) return found
    }
    return undefined
  }

  async all(): Promise<readonly (RunSketch | { readonly id: string })[]> {
    const sketches: (RunSketch | { readonly id: string })[] = []
    for (const { id } of await this.#options.entries.names()) {
      const run = await this.open(id).catch(() => null)
      if (run !== undefined) sketches.push(run === null ? { id } : sketchOf(run))
    }
    return sketches
  }

  async open(id: string): Promise<KeptRun | undefined> {
    const entry = await this.#read(id)
    return entry && this.#unsealed(entry).run
  }

  async discard(id: string): Promise<boolean> {
    for (;;) {
      const entry = await this.#read(id)
      if (entry === undefined) return false
      // It may have changed hands meanwhile.
      if (await this.#options.entries.remove(entry)) return true
    }
  }

  retire(): void {
    this.#retired = true
    this.#rest()
  }

  async close(): Promise<void> {
    clearInterval(this.#beating)
    this.#beating = undefined
    await this.#options.entries.close()
  }

  async #read(id: string): Promise<Entry | undefined> {
    return ID.test(id) ? this.#options.entries.read(id) : undefined
  }

  #found(entry: Entry, owner: Principal): FoundRun | undefined {
    const { run, owner: mac } = this.#unsealed(entry)
    if (!this.#options.vault.isOwner(mac, owner)) return undefined
    return { run, claim: () => this.#claim(entry, owner) }
  }

  async #claim(name: EntryName, owner: Principal): Promise<RunHold | undefined> {
    const holder = this.#nextHolder()
    await this.#present()
    const moved = await this.#options.entries.move(name, holder)
    return moved ? this.#hold({ ...name, holder }, owner) : undefined
  }

  #hold({ id, holder, match, until }: EntryName, owner: Principal): RunHold {
    const { entries } = this.#options
    const name = { id, holder, match, until }
    const leave = () => {
      this.#held.delete(holder)
      this.#rest()
    }
    let isKept = true
    const release = async () => {
      const released = !isKept || (await entries.remove(name))
      isKept = false
      leave()
      return released
    }
    this.#held.add(holder)
    return {
      leave,
      release,
      update: async (run) => {
        const body = isKept ? this.#sealed(run, owner) : undefined
        // What has grown too large is kept no longer.
        return body === undefined ? release() : entries.replace({ ...name, body })
      },
    }
  }

  #rest(): void {
    if (this.#held.size > 0) return
    clearInterval(this.#beating)
    this.#beating = undefined
    if (this.#retired) void this.close().catch(() => {})
  }

  #nextHolder(): string {
    return `${this.#server}-${(++this.#holds).toString(36)}`
  }

  /** Of our own runs we know it; others are believed for some time after their server has last said so. */
  async #isWaitedWith(holder: string): Promise<boolean> {
    const [server = ''] = holder.split('-')
    return server === this.#server ? this.#held.has(holder) : this.#options.entries.isThere(server)
  }

  async #present(): Promise<void> {
    if (this.#beating !== undefined) return
    await this.#options.entries.beat(this.#server)
    this.#beating ??= setInterval(() => {
      this.#options.entries.beat(this.#server).catch((error: unknown) => {
        this.#options.log.debug({ err: error }, 'the store of runs does not know that this server is there')
      })
    }, BEAT_MS).unref()
  }

  #sealed(run: KeptRun, owner: Principal): Buffer | undefined {
    const { vault, log } = this.#options
    const record = Buffer.from(JSON.stringify({ owner: vault.ownerOf(owner), run }))
    if (record.length <= MOST_BYTES) return vault.seal(record, run.id)
    log.warn(
      { run: run.id, composite: run.workflow, bytes: record.length, most: MOST_BYTES },
      'a run that waits is not kept: what its steps have given is too large',
    )
    return undefined
  }

  #unsealed(entry: Entry): { readonly owner: string; readonly run: KeptRun } {
    const text = this.#options.vault.unseal(entry.body, entry.id)
    if (text !== undefined) return JSON.parse(text) as { owner: string; run: KeptRun }
    const why = `the record of run ${entry.id} does not open: it was changed, or sealed with another key`
    this.#options.log.warn({ run: entry.id }, why)
    throw new GatewayError('config', why)
  }
}

function sketchOf({ id, workflow, steps, startedAt, ended, waiting }: KeptRun): RunSketch {
  const statuses = Object.entries(ended).flatMap(([step, { status }]) => {
    const known = ENDED_STATUSES.find((it) => it === status)
    return known === undefined ? [] : [[step, known] as const]
  })
  return {
    id,
    workflow,
    steps,
    startedAt,
    ended: Object.fromEntries(statuses),
    waiting: waiting.map(({ step, since }) => ({ step, since })),
  }
}
