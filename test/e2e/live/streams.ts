import { MODERN, ModernClient } from '../../fixtures/client.ts'
import type { Stage } from '../../fixtures/stage.ts'

/** An event stream that a client holds open. */
export interface OpenStream {
  readonly status: number
  readonly text: () => string
  /** Whether the server has ended it. */
  readonly over: () => boolean
}

const ACCEPT = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' }

async function hold(stage: Stage, url: string, init: RequestInit): Promise<OpenStream> {
  const leaving = new AbortController()
  stage.defer(async () => leaving.abort())
  const reply = await fetch(url, { ...init, signal: leaving.signal })
  let [text, over] = ['', false]
  const read = async () => {
    const decoder = new TextDecoder()
    for await (const piece of reply.body as unknown as AsyncIterable<Uint8Array>)
      text += decoder.decode(piece)
    over = true
  }
  void read().catch(() => {})
  return { status: reply.status, text: () => text, over: () => over }
}

/** A legacy session's own stream. */
export function sessionStream(
  stage: Stage,
  url: string,
  headers: Record<string, string>,
): Promise<OpenStream> {
  return hold(stage, url, { method: 'GET', headers: { ...headers, accept: 'text/event-stream' } })
}

/** A modern subscription to changes of the list of tools. */
export function listenStream(
  stage: Stage,
  url: string,
  headers: Record<string, string> = {},
): Promise<OpenStream> {
  const params = { notifications: { toolsListChanged: true }, _meta: new ModernClient(url).meta() }
  const body = JSON.stringify({ jsonrpc: '2.0', id: 'listen', method: 'subscriptions/listen', params })
  const own = { 'mcp-protocol-version': MODERN, 'mcp-method': 'subscriptions/listen' }
  return hold(stage, url, { method: 'POST', body, headers: { ...ACCEPT, ...own, ...headers } })
}

/** A request whose body is sent in two parts, with whatever happens between them. */
export async function slowPost(
  url: string,
  body: object,
  { headers = {}, between }: { headers?: Record<string, string>; between: () => Promise<void> },
): Promise<Response> {
  const text = JSON.stringify(body)
  const halves = async function* () {
    yield Buffer.from(text.slice(0, 20))
    await between()
    yield Buffer.from(text.slice(20))
  }
  const init = { method: 'POST', headers: { ...ACCEPT, ...headers }, body: halves(), duplex: 'half' }
  return fetch(url, init as unknown as RequestInit)
}
