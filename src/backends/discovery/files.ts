import { randomUUID } from 'node:crypto'
import { link, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { GatewayError } from '../../core/errors.ts'

/** `undefined` when there is no such file. @throws GatewayError `config` when it cannot be read or is too large */
export async function readText(path: string, maxBytes = 1024 * 1024): Promise<string | undefined> {
  try {
    const file = await open(path, 'r')
    try {
      const { size } = await file.stat()
      if (size > maxBytes) throw new GatewayError('config', `${path}: larger than ${maxBytes} bytes`)
      return await file.readFile('utf8')
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (isCode(cause, 'ENOENT')) return undefined
    throw readable(cause, `cannot read ${path}`)
  }
}

/** Names of the `.json` files of a folder without their ending, sorted; none when there is no such folder. */
export async function jsonFiles(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder)
    return names.flatMap((name) => (name.endsWith('.json') ? [name.slice(0, -5)] : [])).sort()
  } catch (cause) {
    if (isCode(cause, 'ENOENT')) return []
    throw readable(cause, `cannot read ${folder}`)
  }
}

export interface WriteOptions {
  /** Fails with `EEXIST` rather than replace a file. */
  readonly exclusive?: boolean
}

/** Writes a file that only its owner may read. Readers see the old text or the new, never a part. */
export async function writeAtomically(path: string, text: string, options: WriteOptions = {}): Promise<void> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    await writeSynced(temporary, text)
    // A hard link fails where a file exists; a rename would replace it.
    if (options.exclusive === true) await link(temporary, path)
    else await rename(temporary, path)
  } finally {
    await rm(temporary, { force: true })
  }
  await syncFolder(folder)
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** A rename is on disk once its folder is; not every system can open one. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code
}

function readable(cause: unknown, what: string): GatewayError {
  if (cause instanceof GatewayError) return cause
  return new GatewayError('config', `${what}: ${cause instanceof Error ? cause.message : 'unknown reason'}`, {
    cause,
  })
}
