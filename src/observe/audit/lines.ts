import { randomUUID } from 'node:crypto'
import type { AuditConfig, AuditEvent } from '../../core/audit.ts'
import type { AuditOutcome } from './outcome.ts'
import { quoted } from './text.ts'

/**
 * What one line tells, without what every line has. What may hold more than one thing is JSON text: a line is written
 * for each call, and `JSON.stringify` of it all takes three times as long.
 */
export interface Told {
  readonly type: AuditEvent
  readonly outcome: AuditOutcome
  readonly source: string
  readonly subjects: string
  readonly target: string
  readonly extra: string
  readonly delegation: string | undefined
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
  const from = quoted(component)
  return ({ type, outcome, source, subjects, target, extra, delegation }, payloads) => {
    const now = clock()
    const data = payloads === undefined ? '' : dataOf(payloads)
    return (
      `{"time":"${now}","level":"AUDIT","msg":"audit_event","audit_id":"${randomUUID()}","type":"${type}",` +
      `"logged_at":"${now}","outcome":"${outcome}","component":${from},"source":${source},"subjects":${subjects},` +
      `"target":${target},"metadata":{"extra":${extra}}` +
      `${delegation === undefined ? '' : `,"delegation":${delegation}`}${data === '' ? '' : `,"data":{${data}}`}}\n`
    )
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
