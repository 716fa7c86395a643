import { constants } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { GatewayError } from '../../core/errors.ts'
import { orLater, type Sink } from './sink.ts'

const MODE = 0o600
/** Opening a pipe that nobody reads fails, and does not wait for ever. Other systems have no such flag. */
const FLAGS = constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY | (constants.O_NONBLOCK ?? 0)
/** How often it is looked whether the file was moved away. */
const LOOK_MS = 1_000

/** Appends to a file, which it makes where there is none, readable by its owner only. */
export class AuditFile implements Sink {
  readonly #path: string
  #handle: FileHandle
  #looked = performance.now()

  private constructor(path: string, handle: FileHandle) {
    this.#path = path
    this.#handle = handle
  }

  /** @throws GatewayError `config` when the file cannot be had */
  static async open(path: string): Promise<AuditFile> {
    try {
      return new AuditFile(path, await open(path, FLAGS, MODE))
    } catch (cause) {
      const { code = 'unknown' } = cause as NodeJS.ErrnoException
      const mend = REASONS[code] ?? 'name another file in audit.logFile'
      throw new GatewayError('config', `cannot open the audit log ${path} (${code}): ${mend}`, { cause })
    }
  }

  async write(bytes: Buffer): Promise<number> {
    if (performance.now() - this.#looked > LOOK_MS) await this.#look()
    return (await orLater(this.#handle.write(bytes))).bytesWritten
  }

  async reopen(): Promise<void> {
    const handle = await open(this.#path, FLAGS, MODE)
    const before = this.#handle
    this.#handle = handle
    await before.close()
  }

  close(): Promise<void> {
    return this.#handle.close()
  }

  /** Whoever rotates logs moves the file away and need not tell. */
  async #look(): Promise<void> {
    this.#looked = performance.now()
    const [ours, theirs] = await Promise.all([this.#handle.stat(), stat(this.#path).catch(() => undefined)])
    if (theirs === undefined || ours.ino !== theirs.ino || ours.dev !== theirs.dev) await this.reopen()
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'make its directory, or name another file in audit.logFile',
  EACCES: 'let this user write there, or name another file in audit.logFile',
  EISDIR: 'it is a directory; name a file in audit.logFile',
  ENXIO: 'it is a pipe that nobody reads; start its reader first, or name a file in audit.logFile',
  EROFS: 'nothing can be written there; name another file in audit.logFile',
}
