import type { BigIntStats } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Entries of one folder that are looked at. */
const MOST_ENTRIES = 2_000

export const MISSING = '-'

/** What changes with each change of a file, or of the files in a folder; of links, what they lead to. Never rejects. */
export async function signatureOf(path: string): Promise<string> {
  const own = await look(path)
  if (own === undefined) return MISSING
  return own.isDirectory() ? folderSignature(path, own) : print(own)
}

/** Whether a file or a folder itself has changed since then. Never rejects. @param ms since 1970 */
export async function hasChangedSince(path: string, ms: number): Promise<boolean> {
  const own = await look(path)
  return own !== undefined && (own.isFile() || own.isDirectory()) && own.ctimeMs > BigInt(ms)
}

async function folderSignature(path: string, own: BigIntStats): Promise<string> {
  const names = await readdir(path).catch(() => [])
  const entries = await Promise.all(
    names
      .sort()
      .slice(0, MOST_ENTRIES)
      .map(async (name) => {
        const entry = await look(join(path, name))
        return `${name}:${entry === undefined || entry.isDirectory() ? MISSING : print(entry)}`
      }),
  )
  return `${own.dev}.${own.ino}/${entries.join('/')}`
}

function print({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev}.${ino}.${size}.${mtimeNs}.${ctimeNs}`
}

function look(path: string): Promise<BigIntStats | undefined> {
  return stat(path, { bigint: true }).catch(() => undefined)
}
