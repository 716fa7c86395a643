import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { eventually } from '../../fixtures/ask.ts'
import { Receiver } from '../../fixtures/otlp/receiver.ts'
import type { Child, Stage } from '../../fixtures/stage.ts'

/** Everything that a gateway writes down, as talkative as it can be. */
export class AllThatIsWritten {
  /** Blocks of its configuration. */
  readonly more: object
  readonly #logFile: string
  readonly #collector: Receiver

  private constructor(logFile: string, collector: Receiver) {
    this.#logFile = logFile
    this.#collector = collector
    const audit = { logFile, includeRequestData: true, includeResponseData: true, maxDataSize: 65_536 }
    const endpoint = collector.address
    this.more = { audit, telemetry: { endpoint, insecure: true, tracingEnabled: true, samplingRate: '1' } }
  }

  static async start(stage: Stage): Promise<AllThatIsWritten> {
    const collector = await Receiver.http()
    stage.defer(() => collector.close())
    return new AllThatIsWritten(join(await stage.folder(), 'audit.log'), collector)
  }

  /** Its audit log, its log and its traces, once it has ended. @param word that the audit log has of the last call */
  async by(gateway: Child, word: string): Promise<readonly string[]> {
    const audit = await eventually(async () => {
      const text = await readFile(this.#logFile, 'utf8')
      expect(text).toContain(word)
      return text
    })
    await gateway.stop()
    const traces = JSON.stringify(this.#collector.received)
    expect(traces).toContain('tools/call')
    return [audit, gateway.stderr(), traces]
  }
}
