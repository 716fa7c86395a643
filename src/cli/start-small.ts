import { setFlagsFromString } from 'node:v8'

/** The most that V8 takes: enough for some 400 calls. */
const LATE = 2 ** 31 - 1

/**
 * Keeps small what a start leaves in memory (docs/decisions/0005-idle-memory.md). To be called before the rest is
 * loaded. @returns lets the heap grow with the work, as V8 usually does
 */
export function startSmall(): () => void {
  setFlagsFromString(`--wasm-tiering-budget=${LATE}`)
  setFlagsFromString('--semi-space-growth-factor=1')
  return () => setFlagsFromString('--semi-space-growth-factor=2')
}
