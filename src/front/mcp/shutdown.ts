import { setTimeout as sleep } from 'node:timers/promises'
import { GatewayError } from '../../core/errors.ts'
import type { Service } from './service.ts'

/** For replies that say why a call was ended to be written. */
const LAST_WORDS_MS = 100

/** Ends streams properly, lets requests in flight finish for `graceMs`, then ends them and all sessions. */
export async function shutDown(service: Service, graceMs: number): Promise<void> {
  const { running, sessions, listens } = service
  listens.endAll()
  sessions.endStreams()
  await Promise.race([running.whenIdle(), sleep(graceMs)])
  const reason = new GatewayError('unavailable', 'the server is shutting down')
  service.closing.abort(reason)
  running.abortAll(reason)
  service.parking.close(reason)
  await Promise.race([running.whenIdle(), sleep(LAST_WORDS_MS)])
  sessions.closeAll()
}
