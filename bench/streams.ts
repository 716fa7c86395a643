import { setTimeout as delay } from 'node:timers/promises'
import { request } from 'undici'
import { LegacyClient, ModernClient, type RpcMessage } from '../test/fixtures/client.ts'
import { liveUri } from '../test/fixtures/wire/live.ts'

export type StreamEra = 'legacy' | 'modern'

export interface StreamsOptions {
  readonly url: string
  /** Of the backend that updates the resources. */
  readonly backend: string
  readonly era: StreamEra
  readonly count: number
}

/** After the last update was sent. */
const PATIENCE_MS = 15_000
const UPDATED = 'notifications/resources/updated'

/** Open streams of clients of one era, each of which is to hear of a resource of its own. */
export class LiveStreams {
  readonly #options: StreamsOptions
  readonly #streams: Stream[] = []

  private constructor(options: StreamsOptions) {
    this.#options = options
  }

  static async open(options: StreamsOptions): Promise<LiveStreams> {
    const streams = new LiveStreams(options)
    const workers = Array.from({ length: 8 }, async (_, i) => {
      for (let n = i; n < options.count; n += 8) streams.#streams.push(await openOne(options, liveUri(n)))
    })
    await Promise.all(workers)
    return streams
  }

  /** Has every resource updated once a second. @returns how many updates came. @throws when they are not all that were sent */
  async hear(seconds: number): Promise<number> {
    const { count, backend } = this.#options
    for (const stream of this.#streams) stream.heard.length = 0
    const { body } = await request(new URL(`/updates?seconds=${seconds}`, backend))
    const { told } = (await body.json()) as { told: number }
    if (told !== count * seconds) throw new Error(`the backend told ${told} updates, not ${count * seconds}`)
    const deadline = performance.now() + PATIENCE_MS
    while (this.#heard() < told && performance.now() < deadline) await delay(20)
    for (const stream of this.#streams) check(stream, seconds)
    return told
  }

  async close(): Promise<void> {
    await Promise.all(this.#streams.map(({ close }) => close()))
  }

  #heard(): number {
    return this.#streams.reduce((sum, { heard }) => sum + heard.length, 0)
  }
}

interface Stream {
  readonly uri: string
  /** The numbers of the updates. */
  readonly heard: unknown[]
  readonly close: () => Promise<unknown>
}

/** @throws when an update is missing, came twice, or is another stream's */
function check({ uri, heard }: Stream, updates: number): void {
  if (heard.length === updates && new Set(heard).size === updates && !heard.includes(undefined)) return
  throw new Error(`of ${updates} updates of ${uri} there came ${heard.length}: ${heard.join(', ')}`)
}

async function openOne({ url, era }: StreamsOptions, uri: string): Promise<Stream> {
  const heard: unknown[] = []
  const hear = ({ method, params }: RpcMessage) => {
    if (method === UPDATED) heard.push(params?.uri === uri ? params.n : undefined)
  }
  const close = era === 'legacy' ? await openLegacy(url, uri, hear) : await openModern(url, uri, hear)
  return { uri, heard, close }
}

type Hear = (message: RpcMessage) => void

async function openLegacy(url: string, uri: string, hear: Hear): Promise<() => Promise<unknown>> {
  const client = await LegacyClient.open(url)
  await client.raw.events(client.sessionHeaders, hear)
  await client.result('resources/subscribe', { uri })
  return async () => {
    await client.end()
    await client.close()
  }
}

/** @throws when the acknowledgement does not come, or does not have the resource */
async function openModern(url: string, uri: string, hear: Hear): Promise<() => Promise<unknown>> {
  const client = new ModernClient(url)
  const params = { notifications: { resourceSubscriptions: [uri] }, _meta: client.meta() }
  const message = { jsonrpc: '2.0', id: uri, method: 'subscriptions/listen', params }
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`no acknowledgement for ${uri}`)), PATIENCE_MS)
    const first = (it: RpcMessage) => {
      if (it.method !== 'notifications/subscriptions/acknowledged') return hear(it)
      clearTimeout(late)
      if (JSON.stringify(it.params?.notifications).includes(uri)) resolve()
      else reject(new Error(`not acknowledged: ${JSON.stringify(it)}`))
    }
    client.raw.subscribe(message, first).catch(reject)
  })
  return () => client.close()
}

/** Waits until the backend has as many open streams of sessions. @throws when it has not in time */
export async function untilStreaming(backend: string, streams: number): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    const { body } = await request(new URL('/stats', backend))
    const open = ((await body.json()) as { streams: number }).streams
    if (open >= streams) return
    if (performance.now() > deadline) throw new Error(`only ${open} streams of ${streams} are open`)
    await delay(50)
  }
}
