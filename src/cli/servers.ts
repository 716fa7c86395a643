import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { type Env, runFolder } from '../core/folders.ts'

/** A server of ours that runs on this machine, as it says of itself. */
export interface Server {
  readonly pid: number
  readonly name: string
  /** `--config /path`, `--group name` or `--from /path`. */
  readonly source: string
  /** Of its endpoint; `stdio` where it has none. */
  readonly url: string
  readonly startedAt: string
  /** Where it is spoken with, and what opens the way. */
  readonly control: string
  readonly token: string
}

/** Machines may share a home. */
const HERE = `${hostname().replace(/[^A-Za-z0-9.-]/g, '_')}-`

/** Says that a server runs, to its own user alone. @returns takes it back */
export async function announceServer(server: Server, env: Env): Promise<() => Promise<void>> {
  const folder = runFolder(env)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = fileOf(folder, server.pid)
  const temporary = `${path}.${randomUUID()}.tmp`
  await writeFile(temporary, JSON.stringify(server), { mode: 0o600, flag: 'wx' })
  await rename(temporary, path)
  return () => rm(path, { force: true })
}

/** Those that run, the oldest first. What ended without taking its file back has it taken. */
export async function runningServers(env: Env): Promise<Server[]> {
  const folder = runFolder(env)
  const names = await readdir(folder).catch(() => [])
  const servers: Server[] = []
  for (const name of names) {
    const pid = Number(/^(\d+)\.json$/.exec(name.startsWith(HERE) ? name.slice(HERE.length) : '')?.[1])
    if (!Number.isInteger(pid)) continue
    const path = fileOf(folder, pid)
    const server = isAlive(pid) ? await read(path) : undefined
    if (server === undefined) await rm(path, { force: true })
    else servers.push(server)
  }
  return servers.sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1))
}

function fileOf(folder: string, pid: number): string {
  return join(folder, `${HERE}${pid}.json`)
}

async function read(path: string): Promise<Server | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Server
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
