import { isatty } from 'node:tty'
import type { Log } from '../core/log.ts'
import { EXIT } from './exit.ts'

/** Of a graceful end, all in all. */
const LIMIT_MS = 10_000
/** Of calls in flight, so that connections and children can be ended in time too. */
export const GRACE_MS = 6_000

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const
type StopSignal = keyof typeof EXIT_CODES
/** stdin, stdout, stderr */
const STREAMS = [0, 1, 2] as const
const SIGNALS = Object.keys(EXIT_CODES) as StopSignal[]

/** What may end a command that has something open. */
export interface StopWatch {
  /** Fires at the first signal or crash. */
  readonly signal: AbortSignal
  readonly stopped: Promise<void>
  readonly crashed: () => boolean
  /** The exit code of a command that such a signal has cut short (128 and its number); `undefined` where none has. */
  readonly cutShort: () => number | undefined
}

/**
 * From now on the first SIGINT, SIGTERM or SIGHUP asks for an end; a second ends the process at once, and
 * whoever has child processes kills them on `exit`. An unexpected error asks for an end too.
 * @param onHangup what SIGHUP means instead, as long as the terminal that vmcp was started in is there
 */
export function watchForStop(log: Log, onHangup?: () => void): StopWatch {
  const controller = new AbortController()
  const terminals = STREAMS.filter((fd) => isatty(fd))
  let crashed = false
  let code: number | undefined
  for (const name of SIGNALS) {
    process.on(name, () => {
      if (name === 'SIGHUP' && onHangup !== undefined && !controller.signal.aborted && !hasLost(terminals))
        return onHangup()
      if (controller.signal.aborted) process.exit(EXIT_CODES[name])
      log.info({ signal: name }, 'stopping; once more ends at once')
      code = EXIT_CODES[name]
      controller.abort()
    })
  }
  const crash = (err: unknown) => {
    crashed = true
    log.error({ err }, 'unexpected error, stopping; --log-level debug shows where')
    controller.abort()
  }
  process.on('uncaughtException', crash)
  process.on('unhandledRejection', crash)
  const stopped = new Promise<void>((resolve) => {
    controller.signal.addEventListener('abort', () => resolve(), { once: true })
  })
  return { signal: controller.signal, stopped, crashed: () => crashed, cutShort: () => code }
}

/** A terminal that was closed is no terminal any more. */
function hasLost(terminals: readonly number[]): boolean {
  return terminals.some((fd) => !isatty(fd))
}

/** Closes within the limit, come what may. @returns the exit code */
export async function closeInTime(close: () => Promise<void>, watch: StopWatch, log: Log): Promise<number> {
  const outcome = await Promise.race([
    close().then(
      () => EXIT.ok,
      (err: unknown) => {
        log.error({ err }, 'closing failed')
        return EXIT.failed
      },
    ),
    new Promise<'late'>((resolve) => setTimeout(resolve, LIMIT_MS, 'late')),
  ])
  if (outcome === 'late') log.error({}, 'did not close in time; what is left is killed')
  return outcome === EXIT.ok && !watch.crashed() ? EXIT.ok : EXIT.failed
}
