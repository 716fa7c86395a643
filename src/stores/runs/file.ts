import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { BELIEVED_MS, type Entry, type EntryName, type EntryStore } from './entry.ts'

const NAME = /^([\w-]+)\.([\w-]+)\.([\w-]+)\.(\d+)\.run$/
const BODY = 'sealed'
/** What a server leaves behind that ends in the midst of something is removed when it is this old. */
const STALE_MS = 60 * 60_000

/**
 * Entries as folders, whose names say all but what is sealed. To rename a folder is the one step by which an entry
 * comes, changes hands or goes, and the file system lets only one do that.
 */
export class FileEntries implements EntryStore {
  readonly #folder: string
  readonly #beating = new Set<string>()
  readonly #ready: Promise<void>

  constructor(folder: string) {
    this.#folder = folder
    this.#ready = mkdir(folder, { recursive: true, mode: 0o700 }).then(() => this.#tidy())
    this.#ready.catch(() => {})
  }

  async create(entry: Entry, most: number): Promise<boolean> {
    await this.#ready
    const names = await this.names()
    if (names.length >= most || names.some(({ id }) => id === entry.id)) return false
    const draft = this.#spare()
    await mkdir(draft, { mode: 0o700 })
    await write(join(draft, BODY), entry.body)
    await rename(draft, this.#pathOf(entry))
    return true
  }

  async replace(entry: Entry): Promise<boolean> {
    const folder = this.#pathOf(entry)
    const draft = join(folder, randomBytes(6).toString('hex'))
    return whereThere(async () => {
      await write(draft, entry.body)
      await rename(draft, join(folder, BODY))
    })
  }

  move(name: EntryName, holder: string): Promise<boolean> {
    return whereThere(() => rename(this.#pathOf(name), this.#pathOf({ ...name, holder })))
  }

  async remove(name: EntryName): Promise<boolean> {
    const spare = this.#spare()
    const removed = await whereThere(() => rename(this.#pathOf(name), spare))
    if (removed) await rm(spare, { recursive: true, force: true })
    return removed
  }

  async read(id: string): Promise<Entry | undefined> {
    // It may change hands between the look at its name and the look into it.
    for (let tries = 0; tries < 5; tries++) {
      const name = (await this.names()).find((it) => it.id === id)
      if (name === undefined) return undefined
      const body = await readFile(join(this.#pathOf(name), BODY)).catch(nothingWhereGone)
      if (body !== undefined) return { ...name, body }
    }
    return undefined
  }

  async names(match?: string): Promise<readonly EntryName[]> {
    await this.#ready
    const now = Date.now()
    const names = (await readdir(this.#folder)).flatMap((file) => parse(file) ?? [])
    const expired = names.filter(({ until }) => until <= now)
    await Promise.all(expired.map((name) => this.remove(name)))
    return names.filter((it) => it.until > now && (match === undefined || it.match === match))
  }

  async beat(server: string): Promise<void> {
    await this.#ready
    const path = this.#presence(server)
    this.#beating.add(path)
    const now = new Date()
    if (await whereThere(() => utimes(path, now, now))) return
    await writeFile(path, `${process.pid} ${hostname()}`, { mode: 0o600 })
  }

  /** A server that was killed on this machine is known to be gone at once. */
  async isThere(server: string): Promise<boolean> {
    const path = this.#presence(server)
    const seen = await stat(path).catch(nothingWhereGone)
    if (seen === undefined || Date.now() - seen.mtimeMs >= BELIEVED_MS) return false
    const [pid, host] = (await readFile(path, 'utf8').catch(nothingWhereGone))?.split(' ') ?? []
    return host !== hostname() || runs(Number(pid))
  }

  async close(): Promise<void> {
    await Promise.all([...this.#beating].map((path) => rm(path, { force: true })))
  }

  #pathOf({ id, holder, match, until }: EntryName): string {
    return join(this.#folder, `${id}.${holder}.${match}.${until}.run`)
  }

  #presence(server: string): string {
    return join(this.#folder, `${server}.alive`)
  }

  #spare(): string {
    return join(this.#folder, `${randomBytes(12).toString('hex')}.spare`)
  }

  async #tidy(): Promise<void> {
    for (const file of await readdir(this.#folder)) {
      if (!file.endsWith('.spare') && !file.endsWith('.alive')) continue
      const path = join(this.#folder, file)
      const seen = await stat(path).catch(nothingWhereGone)
      if (seen !== undefined && Date.now() - seen.mtimeMs > STALE_MS)
        await rm(path, { recursive: true, force: true })
    }
  }
}

function parse(file: string): EntryName | undefined {
  const [, id, holder, match, until] = NAME.exec(file) ?? []
  if (id === undefined || holder === undefined || match === undefined) return undefined
  return { id, holder, match, until: Number(until) }
}

/** It is on the disk before it is there under another name. */
function write(path: string, body: Buffer): Promise<void> {
  return writeFile(path, body, { flag: 'wx', mode: 0o600, flush: true })
}

async function whereThere(work: () => Promise<void>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    nothingWhereGone(error)
    return false
  }
}

function nothingWhereGone(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  return undefined
}

function runs(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0)
  } catch (error) {
    // It is there, and somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
