import type { Remembered } from './remembered.ts'

export interface TokenWatch {
  /** Verifies it anew. @throws where it is no longer good, or nobody can tell */
  readonly again: () => Promise<Remembered>
  readonly end: () => void
}

const LEAST_MS = 1_000
const MOST_MS = 2 ** 31 - 1

/** Sees to it that what was opened with a token ends with it. Returns what gives the watch up. @param known if it is */
export function watchToken(known: Remembered | undefined, { again, end }: TokenWatch): () => void {
  let timer: NodeJS.Timeout | undefined
  let over = false
  const stop = () => {
    over = true
    clearTimeout(timer)
  }
  const wait = ({ expires, until }: Remembered) => {
    if (over) return
    const ms = Math.min(expires - Date.now(), until - performance.now(), MOST_MS)
    timer = setTimeout(look, Math.max(ms, LEAST_MS)).unref()
  }
  const look = () => {
    again().then(wait, () => {
      if (!over) end()
    })
  }
  if (known === undefined) look()
  else wait(known)
  return stop
}
