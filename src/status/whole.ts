import type { Running } from '../running.ts'
import { VERSION } from '../version.ts'
import { statusOf, type Viewer } from './status.ts'

/** The body of `/status`, with what each part of the gateway adds to it. */
export function wholeStatus(running: Running, viewer: Viewer): object {
  const parts = [running.optimizer, ...running.observation.observers].map((part) => part?.status?.())
  return Object.assign(statusOf(running, VERSION, viewer), ...parts)
}
