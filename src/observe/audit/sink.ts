import { write } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

/** Where lines go. */
export interface Sink {
  /** @returns how many of the bytes are written; the rest is to be given again */
  write(bytes: Buffer): Promise<number>
  /** Goes on in a file of the same name, where there may be another now. */
  reopen(): Promise<void>
  close(): Promise<void>
}

const STDOUT = 1
/** A reader that does not keep up is asked again after this. */
const BUSY_MS = 5

/** What a write has come to: nothing, a moment later, where a pipe is full. */
export async function orLater(
  writing: Promise<{ readonly bytesWritten: number }>,
): Promise<{ readonly bytesWritten: number }> {
  try {
    return await writing
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    await sleep(BUSY_MS)
    return { bytesWritten: 0 }
  }
}

/** Standard output, without going through the stream that would hold up everything while nobody reads. */
export function stdoutSink(): Sink {
  const writeTo = promisify(write)
  return {
    async write(bytes) {
      return (await orLater(writeTo(STDOUT, bytes))).bytesWritten
    },
    async reopen() {},
    async close() {},
  }
}
