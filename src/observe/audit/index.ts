import type { AuditConfig } from '../../core/audit.ts'
import type { Log } from '../../core/log.ts'
import type { Observer } from '../../core/witness.ts'
import { Auditor } from './auditor.ts'
import { AuditFile } from './file.ts'
import { stdoutSink } from './sink.ts'
import { AuditWriter } from './writer.ts'

/** Opens the audit log. @throws GatewayError `config` when its file cannot be had */
export async function openAudit(config: AuditConfig, { log }: { readonly log: Log }): Promise<Observer> {
  const { logFile, onFull } = config
  const sink = logFile === undefined ? stdoutSink() : await AuditFile.open(logFile)
  const writer = new AuditWriter(sink, { log, onFull })
  const auditor = new Auditor(config, (line) => writer.write(line))
  return {
    witness: auditor.witness,
    runWitness: auditor.runWitness,
    status: () => ({ audit: writer.state }),
    room: () => writer.room(),
    reopen: () => writer.reopen(),
    close: () => writer.close(),
  }
}
