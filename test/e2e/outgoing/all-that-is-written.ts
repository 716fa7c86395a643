import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { eventually } from '../../fixtures/ask.ts'
import { Receiver } from '../../fixtures/otlp/receiver.ts'
import type { Child, Stage } from '../../fixtures/stage.ts'
import type { Texts } from './leaks.ts'

const PAGES = ['/metrics', '/status', '/health', '/readyz'] as const

/** Everything that a gateway writes down and shows, as talkative as it can be. */
export class AllThatIsWritten {
  /** Blocks of its configuration. */
  readonly more: object
  readonly args = ['--log-level', 'debug'] as const
  readonly #logFile: string
  readonly #collector: Receiver

  private constructor(logFile: string, collector: Receiver) {
    this.#logFile = logFile
    this.#collector = collector
    this.more = {
      audit: { logFile, includeRequestData: true, includeResponseData: true, maxDataSize: 100_000 },
      telemetry: {
        ...{ endpoint: collector.address, insecure: true, tracingEnabled: true, samplingRate: '1' },
        ...{ metricsEnabled: true, enablePrometheusMetricsPath: true, prometheusPort: 0 },
      },
    }
  }

  static async start(stage: Stage): Promise<AllThatIsWritten> {
    const collector = await Receiver.http()
    stage.defer(() => collector.close())
    return new AllThatIsWritten(join(await stage.folder(), 'audit.log'), collector)
  }

  /** Its audit log, its log, its pages and its traces, once it has ended. @param word that the audit log has of the last call */
  async by(gateway: Child, word: string): Promise<Texts> {
    const audit = await eventually(async () => {
      const text = await readFile(this.#logFile, 'utf8')
      expect(text).toContain(word)
      return text
    })
    const pages = await Promise.all(PAGES.map((path) => fetch(new URL(path, gateway.ready))))
    const shown = await Promise.all(pages.map((page) => page.text()))
    await gateway.stop()
    const texts: Texts = {
      audit,
      ...{ log: gateway.stderr(), output: gateway.stdout() },
      ...Object.fromEntries(PAGES.map((path, i) => [path, shown[i] as string])),
      telemetry: JSON.stringify(this.#collector.received),
    }
    expect(audit).toContain('"audit_event"')
    expect(texts['log']).toContain(' DEBUG ')
    expect(texts['/metrics']).toContain('toolhive_vmcp_backend_requests_total')
    expect(texts['/status']).toContain('"backends"')
    expect(texts['telemetry']).toContain('tools/call')
    return texts
  }
}
