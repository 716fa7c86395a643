import type { AuditConfig } from '../../core/audit.ts'
import type { Log } from '../../core/log.ts'
import type { Observer } from '../../core/witness.ts'
import { Auditor } from './auditor.ts'
import { AuditFile } from './file.ts'
import { stdoutSink } from './sink.ts'
import { AuditWriter } from './writer.ts'

/** An audit log that is open, as one configuration wants it. */
export class AuditLog implements Observer {
  readonly config: AuditConfig
  readonly witness: NonNullable<Observer['witness']>
  readonly runWitness: NonNullable<Observer['runWitness']>
  readonly #auditor: Auditor
  readonly #writer: AuditWriter
  #next: AuditLog | undefined

  private constructor(config: AuditConfig, writer: AuditWriter) {
    this.config = config
    this.#writer = writer
    this.#auditor = new Auditor(config, (line) => this.#write(line))
    this.witness = this.#auditor.witness
    this.runWitness = this.#auditor.runWitness
  }

  /**
   * @param before goes on being written meanwhile; where it goes to the same place, that is shared
   * @throws GatewayError `config` when the file cannot be had
   */
  static async open(
    config: AuditConfig,
    { log, before }: { readonly log: Log; readonly before?: AuditLog | undefined },
  ): Promise<AuditLog> {
    const { logFile, onFull } = config
    if (before !== undefined && before.config.logFile === logFile) return new AuditLog(config, before.#writer)
    const sink = logFile === undefined ? stdoutSink() : await AuditFile.open(logFile)
    return new AuditLog(config, new AuditWriter(sink, { log, onFull }))
  }

  readonly status = (): object => ({ audit: this.#writer.state })
  readonly room = (): Promise<void> | undefined => this.#writer.room()
  readonly reopen = (): Promise<void> => this.#writer.reopen()

  close(): Promise<void> {
    return this.#writer.close()
  }

  /** It is not to take the place of the one before after all. */
  async discard(before: AuditLog | undefined): Promise<void> {
    if (before === undefined || before.#writer !== this.#writer) await this.close()
  }

  /**
   * Another takes its place: what is still to be written goes there, what has begun before included. Without another,
   * it ends with what has begun. Resolves when it is closed.
   */
  async retire(next: AuditLog | undefined): Promise<void> {
    this.#next = next
    if (next === undefined) {
      await this.#auditor.whenIdle()
      await this.close()
    } else if (next.#writer === this.#writer) this.#writer.onFull = next.config.onFull
    else {
      const left = await this.#writer.end()
      if (left !== '') next.#write(left)
    }
  }

  #write(line: string): void {
    if (this.#next === undefined) this.#writer.write(line)
    else this.#next.#write(line)
  }
}
