import type { Running } from '../compose.ts'
import { GatewayError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'

/** From now on SIGUSR2 says that log files were moved away: they are opened again under their names. */
export function reopenOnSignal({ reopening }: Pick<Running, 'reopening'>, log: Log): void {
  process.on('SIGUSR2', () => {
    for (const reopen of reopening) {
      Promise.resolve()
        .then(reopen)
        .catch((error: unknown) => {
          const { cause = error } = GatewayError.from(error)
          log.error({ err: cause }, 'a log file cannot be opened again; it goes on in the one before')
        })
    }
  })
}
