import { isDeepStrictEqual } from 'node:util'
import type { Log } from '../core/log.ts'
import { conflictError } from './refusals.ts'
import type { Snapshot } from './snapshot.ts'

/** One list may hold thousands of entries that are all wrong. */
const MOST = 20

/** Writes to the log what a new snapshot loses or renames that the one before did not. */
export function announce(log: Log, now: Snapshot, before: Snapshot | undefined): void {
  if (now.conflicts.length > 0 && !isDeepStrictEqual(now.conflicts, before?.conflicts))
    log.error({}, conflictError(now.conflicts).message)
  if (now.catalog.dropped === before?.catalog.dropped) return
  const known = new Set(before?.catalog.dropped.map((dropped) => JSON.stringify(dropped)))
  const fresh = now.catalog.dropped.filter((dropped) => !known.has(JSON.stringify(dropped)))
  for (const { kind, origin, reason, as } of fresh.slice(0, MOST)) {
    const write = as === undefined ? log.warn : log.info
    write(
      { backend: origin.backend, kind, name: origin.name },
      `${as === undefined ? 'dropped: ' : ''}${reason}`,
    )
  }
  const more = fresh.length - MOST
  if (more > 0) log.warn({ more }, "more was dropped or renamed; 'vmcp tools' lists all of it")
}
