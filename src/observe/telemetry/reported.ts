import { type ExportResult, ExportResultCode } from '@opentelemetry/core'
import type { Log } from '../../core/log.ts'

interface Exporter<T> {
  export(items: T, done: (result: ExportResult) => void): void
}

export interface Destination {
  readonly what: 'traces' | 'metrics'
  readonly url: string
  readonly log: Log
}

/** The same exporter, which says once that exports fail, and once that they work again. What fails is dropped. */
export function reported<T, E extends Exporter<T>>(exporter: E & Exporter<T>, destination: Destination): E {
  const send = exporter.export.bind(exporter)
  const note = noteFor(destination)
  exporter.export = (items, done) =>
    send(items, (result) => {
      note(result)
      done(result)
    })
  return exporter
}

function noteFor({ what, url, log }: Destination): (result: ExportResult) => void {
  let failing = false
  return ({ code, error }) => {
    const failed = code !== ExportResultCode.SUCCESS
    if (failed === failing) return
    failing = failed
    const why = error?.message ?? 'no reason was given'
    if (failed) log.warn({ endpoint: url }, `${what} cannot be sent, and are dropped until they can: ${why}`)
    else log.info({ endpoint: url }, `${what} are sent again`)
  }
}
