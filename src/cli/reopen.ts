import { GatewayError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Running } from '../running.ts'

/** From now on SIGUSR2 says that log files were moved away: they are opened again under their names. */
export function reopenOnSignal(running: Pick<Running, 'observation'>, log: Log): void {
  process.on('SIGUSR2', () => void reopenAll(running, log))
}

/** Opens log files again under their names. Never rejects. */
export async function reopenAll({ observation }: Pick<Running, 'observation'>, log: Log): Promise<void> {
  for (const { reopen } of observation.observers) {
    try {
      await reopen?.()
    } catch (error) {
      const { cause = error } = GatewayError.from(error)
      log.error({ err: cause }, 'a log file cannot be opened again; it goes on in the one before')
    }
  }
}
