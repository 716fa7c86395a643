import { randomUUID } from 'node:crypto'
import type { AuditConfig, AuditEvent } from '../../core/audit.ts'
import type { JsonObject } from '../../core/catalog.ts'
import type { AuditOutcome } from './outcome.ts'

/** What one line tells, without what every line has. Members that are undefined are not written. */
export interface Told {
  readonly type: AuditEvent
  readonly outcome: AuditOutcome
  readonly source: JsonObject
  readonly subjects: JsonObject
  readonly target: JsonObject
  readonly extra: JsonObject
  readonly delegation?: JsonObject | undefined
}

/** JSON texts of what was asked and answered. */
export interface Payloads {
  readonly request?: string | undefined
  readonly response?: string | undefined
}

/** Makes the text of a line, its line break included. */
export type MakeLine = (told: Told, payloads?: Payloads) => string

export function lineMaker({ component }: Pick<AuditConfig, 'component'>): MakeLine {
  const clock = isoClock()
  return ({ type, outcome, source, subjects, target, extra, delegation }, payloads) => {
    const now = clock()
    const line = JSON.stringify({
      time: now,
      level: 'AUDIT',
      msg: 'audit_event',
      audit_id: randomUUID(),
      type,
      logged_at: now,
      outcome,
      component,
      source,
      subjects,
      target,
      metadata: { extra },
      delegation,
    })
    const data = payloads === undefined ? '' : dataOf(payloads)
    return data === '' ? `${line}\n` : `${line.slice(0, -1)},"data":{${data}}}\n`
  }
}

/** The time of now; its text is the same for a millisecond. */
function isoClock(): () => string {
  let at = 0
  let text = ''
  return () => {
    const now = Date.now()
    if (now !== at) text = new Date(now).toISOString()
    at = now
    return text
  }
}

function dataOf({ request, response }: Payloads): string {
  const members = [request && `"request":${request}`, response && `"response":${response}`]
  return members.filter(Boolean).join(',')
}
