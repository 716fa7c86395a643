import { type FSWatcher, watch } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

interface Watched {
  readonly watcher: FSWatcher
  /** Of the folder that is watched, which may have been replaced by another of its name. */
  readonly identity: string
}

/**
 * Hears of what happens in the folders of some places. A file is watched by its folder: whoever writes it may put
 * another file in its place, and a watch on the old one would never say anything again.
 */
export class Folders {
  readonly #heard: () => void
  readonly #open = new Map<string, Watched>()
  #closed = false

  constructor(heard: () => void) {
    this.#heard = heard
  }

  /** Watches those of these places, as far as the system lets it. What is watched and still there stays watched. */
  async watch(places: readonly string[]): Promise<void> {
    const wanted = new Map<string, string>()
    for (const folder of (await Promise.all(places.map(foldersOf))).flat()) {
      const identity = await identityOf(folder)
      if (identity !== undefined) wanted.set(folder, identity)
    }
    if (this.#closed) return
    for (const [folder, { identity }] of [...this.#open])
      if (wanted.get(folder) !== identity) this.#end(folder)
    for (const [folder, identity] of wanted) if (!this.#open.has(folder)) this.#begin(folder, identity)
  }

  close(): void {
    this.#closed = true
    for (const folder of [...this.#open.keys()]) this.#end(folder)
  }

  /** Where there are no more watches to be had, or the file system has none, there is the look now and then. */
  #begin(folder: string, identity: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, this.#heard)
      watcher.on('error', () => {
        if (this.#open.get(folder)?.watcher === watcher) this.#end(folder)
      })
      this.#open.set(folder, { watcher, identity })
    } catch {}
  }

  #end(folder: string): void {
    this.#open.get(folder)?.watcher.close()
    this.#open.delete(folder)
  }
}

/** Of a file its folder, and that of the file that it is a link to; of a folder itself. */
async function foldersOf(place: string): Promise<string[]> {
  const found = await stat(place).catch(() => undefined)
  if (found?.isDirectory() === true) return [place]
  const real = await realpath(place).catch(() => place)
  return [dirname(place), dirname(real)]
}

async function identityOf(folder: string): Promise<string | undefined> {
  const found = await stat(folder).catch(() => undefined)
  return found?.isDirectory() === true ? `${found.dev}.${found.ino}` : undefined
}
