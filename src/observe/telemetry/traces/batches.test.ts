import { ExportResultCode } from '@opentelemetry/core'
import { expect, it } from 'vitest'
import { decode } from '../../../../test/fixtures/otlp/messages.ts'
import { type Log, silent } from '../../../core/log.ts'
import { type SpanBatch, SpanBatches, type SpanExporter } from './batches.ts'
import { type EndedSpan, SpanEncoder } from './encoder.ts'

/** Holds what it is given until it is told to answer. */
class Held implements SpanExporter {
  readonly names: string[] = []
  readonly sizes: number[] = []
  readonly bytes: number[] = []
  readonly #waiting: (() => void)[] = []
  code = ExportResultCode.SUCCESS

  export({ spans, bytes }: SpanBatch, done: Parameters<SpanExporter['export']>[1]): void {
    this.sizes.push(spans)
    this.bytes.push(bytes.length)
    this.#waiting.push(() => {
      // Read only now: memory that is used again too early would show.
      this.names.push(...decode('traces', bytes).spans.map(({ name }) => name))
      done({ code: this.code })
    })
  }

  async shutdown(): Promise<void> {}

  get busy(): number {
    return this.#waiting.length
  }

  async answerAll(): Promise<void> {
    for (let answer = this.#waiting.shift(); answer !== undefined; answer = this.#waiting.shift()) {
      answer()
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

const warnings: string[] = []
const log: Log = { ...silent, warn: (about, text) => void warnings.push(`${JSON.stringify(about)} ${text}`) }

function open() {
  warnings.length = 0
  const exporter = new Held()
  const encoder = new SpanEncoder({ resource: { a: 'b' }, attributes: {}, legacyAttributes: false })
  const batches = new SpanBatches(encoder, { exporter, log })
  let count = 0
  const add = (times: number) => {
    for (let i = 0; i < times; i++) batches.add(spanNamed(String(count++)))
  }
  return { exporter, batches, add }
}

function spanNamed(name: string): EndedSpan {
  const ids = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: '00f067aa0ba902b7' }
  return {
    context: { ...ids, sampled: true, state: undefined, remote: false },
    ...{ parent: undefined, link: undefined, kind: 'server', name, shared: undefined },
    ...{ attributes: undefined, startedAt: 1, milliseconds: 1, failure: undefined },
  }
}

const upTo = (count: number) => Array.from({ length: count }, (_, at) => String(at))

it('sends spans in order, many at a time and one request after the other', async () => {
  const { exporter, batches, add } = open()
  add(1100)
  expect(exporter.busy).toBe(1)
  await exporter.answerAll()
  expect(exporter.sizes).toEqual([512, 512])
  const closed = batches.close()
  await exporter.answerAll()
  await closed
  expect(exporter.sizes).toEqual([512, 512, 76])
  expect(exporter.names).toEqual(upTo(1100))
})

it('goes on after a request has failed, and after nothing was left to send', async () => {
  const { exporter, batches, add } = open()
  exporter.code = ExportResultCode.FAILED
  for (let round = 0; round < 5; round++) {
    add(512)
    await exporter.answerAll()
    exporter.code = ExportResultCode.SUCCESS
  }
  await batches.close()
  expect(exporter.names).toEqual(upTo(5 * 512))
})

it('drops spans where more end than can be sent, and says how many', async () => {
  const { exporter, batches, add } = open()
  add(512 + 2048 + 100)
  await exporter.answerAll()
  expect(exporter.names).toEqual(upTo(512 + 2048))
  expect(warnings).toEqual(['{"spans":100} spans were dropped: more ended than could be sent'])
  await batches.close()
})

it('holds and sends a bounded amount, however long the texts in spans are', async () => {
  const { exporter, batches } = open()
  const long = 'x'.repeat(8_000)
  const attributes = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`a${at}`, long]))
  for (let at = 0; at < 100; at++) batches.add({ ...spanNamed(String(at)), attributes })
  await exporter.answerAll()
  expect(Math.max(...exporter.bytes)).toBeLessThan(3 * 1024 * 1024)
  expect(exporter.bytes.reduce((sum, it) => sum + it)).toBeLessThan(13 * 1024 * 1024)
  expect(exporter.names).toEqual(upTo(exporter.names.length))
  expect(warnings).toEqual([expect.stringMatching(/^\{"spans":8\d\} spans were dropped/)])
  const closed = batches.close()
  await exporter.answerAll()
  await closed
})

it('takes nothing any more when it is closed', async () => {
  const { exporter, batches, add } = open()
  await batches.close()
  add(600)
  expect(exporter.sizes).toEqual([])
})
