import { Pool } from 'undici'
import { LegacyClient, type RpcMessage } from '../test/fixtures/client.ts'
import type { Json } from '../test/fixtures/fixture.ts'
import { EventParser } from '../test/fixtures/sse.ts'
import { legacyShot, modernShot, type Shot } from './load.ts'

export const ELICITATION = { elicitation: {} }

/** Clients that call `confirm` of the `live` fixture, and answer what it asks. */
export interface Dialogue {
  readonly url: string
  readonly tool: string
  /** One for each call in flight. */
  readonly clients: readonly Client[]
}

/** Makes one call, two HTTP exchanges, in which it says this word. @returns the text of the result */
type Client = (at: Wire, word: string) => Promise<string>

interface Wire {
  readonly pool: Pool
  readonly path: string
  readonly tool: string
}

/** Makes so many calls. @throws when one does not end with the word that was said in it */
export async function converse({ url, tool, clients }: Dialogue, count: number): Promise<number> {
  const { origin, pathname: path } = new URL(url)
  const pool = new Pool(origin, { connections: clients.length * 2, pipelining: 1 })
  let begun = 0
  const work = async (client: Client) => {
    while (begun < count) {
      const word = `word-${++begun}`
      const text = await client({ pool, path, tool }, word)
      if (!text.includes(`the word is ${word}"`)) throw new Error(`'${word}' became ${text.slice(0, 400)}`)
    }
  }
  try {
    await Promise.all(clients.map(work))
  } finally {
    await pool.destroy()
  }
  return count
}

export async function legacyClient(url: string): Promise<{ client: Client; close: () => Promise<void> }> {
  const { session, raw } = await LegacyClient.open(url, { capabilities: ELICITATION })
  let id = 1
  const client: Client = (wire, word) =>
    inSession(wire, { session, word, call: bodyOf(callOf(wire, word), ++id) })
  return { client, close: () => raw.close() }
}

interface LegacyCall {
  readonly session: string
  readonly word: string
  readonly call: string
}

/** The question comes on the stream of the call, and the answer goes in a request of its own. */
async function inSession(wire: Wire, { session, word, call }: LegacyCall): Promise<string> {
  const headers = legacyShot(session, '').headers
  const { body } = await post(wire, headers, call)
  let answered: Promise<unknown> | undefined
  let last = ''
  const parser = new EventParser((event) => {
    // An event with an id and nothing in it begins a stream that can be resumed.
    if (event === '') return
    last = event
    const { id, method } = JSON.parse(event) as RpcMessage
    if (method !== 'elicitation/create') return
    const answer = JSON.stringify({ jsonrpc: '2.0', id, result: accept(word) })
    answered = post(wire, headers, answer).then((reply) => reply.body.dump())
  })
  for await (const chunk of body) parser.push(String(chunk))
  await answered
  return last
}

/** The question is a result, and the answer goes in a second request of the call. */
export const modernClient: Client = async (wire, word) => {
  const { headers, params } = modernCall(callOf(wire, word))
  const first = await post(wire, headers, bodyOf(params, 1))
  const asked = ((await first.body.json()) as RpcMessage).result ?? {}
  const keys = Object.keys((asked.inputRequests ?? {}) as Json)
  const inputResponses = Object.fromEntries(keys.map((key) => [key, accept(word)]))
  const retry = bodyOf({ ...params, inputResponses, requestState: asked.requestState }, 2)
  const second = await post(wire, headers, retry)
  return second.body.text()
}

function callOf({ tool }: Wire, word: string) {
  return { name: tool, arguments: { input: word } }
}

function modernCall(call: ReturnType<typeof callOf>): Shot {
  const shot = modernShot('tools/call', call)
  const { _meta } = shot.params as { readonly _meta: Json }
  const capabilities = { 'io.modelcontextprotocol/clientCapabilities': ELICITATION }
  return { ...shot, params: { ...shot.params, _meta: { ..._meta, ...capabilities } } }
}

function accept(word: string): Json {
  return { action: 'accept', content: { word } }
}

function bodyOf(params: object, id: number): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params })
}

const COMMON = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }

function post({ pool, path }: Wire, headers: Shot['headers'], body: string) {
  return pool.request({ path, method: 'POST', headers: { ...COMMON, ...headers }, body })
}
