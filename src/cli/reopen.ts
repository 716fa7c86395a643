import type { Running } from '../compose.ts'
import { GatewayError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'

/** From now on SIGUSR2 says that log files were moved away: they are opened again under their names. */
export function reopenOnSignal(running: Pick<Running, 'reopening'>, log: Log): void {
  process.on('SIGUSR2', () => void reopenAll(running, log))
}

/** Opens log files again under their names. Never rejects. */
export async function reopenAll({ reopening }: Pick<Running, 'reopening'>, log: Log): Promise<void> {
  for (const reopen of reopening) {
    try {
      await reopen()
    } catch (error) {
      const { cause = error } = GatewayError.from(error)
      log.error({ err: cause }, 'a log file cannot be opened again; it goes on in the one before')
    }
  }
}
