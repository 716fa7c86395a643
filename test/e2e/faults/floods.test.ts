import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { beforeAll, expect, test } from 'vitest'
import { eventually } from '../../fixtures/ask.ts'
import { MODERN, ModernClient } from '../../fixtures/client.ts'
import { closedAfterAll } from '../../fixtures/closed.ts'
import { type Client, echo, FaultStage, faultsOver, type WireName } from '../../fixtures/faults/stage.ts'

const WIRES: readonly WireName[] = ['legacy-stdio', 'modern-events', 'old-sse']
const COUNT = 25_000
/** What is kept for a client that does not read is 1 MB a call; the gateway itself has some 120. */
const MOST_MEGABYTES = 250

const stage = closedAfterAll(new FaultStage())
let client: Client
beforeAll(async () => {
  await stage.startOver(WIRES, { timeouts: Object.fromEntries(WIRES.map((wire) => [wire, '25s'])) })
  client = await stage.client('modern')
})
/** Calls with a progress token and a log level, and reads nothing of the answer yet. */
async function callWithoutReading(wire: string, fault: string): Promise<IncomingMessage> {
  const _meta = {
    ...new ModernClient(stage.url).meta(),
    progressToken: 'p',
    'io.modelcontextprotocol/logLevel': 'debug',
  }
  const params = { name: `${wire}_fault`, arguments: { fault, count: COUNT }, _meta }
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': MODERN,
    'mcp-method': 'tools/call',
    'mcp-name': params.name,
  }
  const req = request(stage.url, { method: 'POST', headers })
  req.end(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }))
  const [res] = (await once(req, 'response')) as [IncomingMessage]
  return res
}

async function read(res: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of res) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

test.each(WIRES)(
  '50,000 notifications in one call over %s: a client that does not read loses some, and never the answer',
  async (wire) => {
    const res = await callWithoutReading(wire, 'flood')
    await stage.unharmed()
    await eventually(async () => expect(await faultsOver(client, wire)).toBe(1), 20_000)
    const text = await read(res)
    const events = text.split('\n\n').filter((event) => event.startsWith('event: message'))
    expect(events.length).toBeLessThan(2 * COUNT)
    expect(events.at(-1)).toContain('"text":"done"')
    expect(stage.peakMegabytes()).toBeLessThan(MOST_MEGABYTES)
    await stage.unharmed()
  },
)

test.each(WIRES)(
  '25,000 times that its list has changed, over %s: it is read now and then, and calls go on',
  async (wire) => {
    const params = { name: `${wire}_storm`, arguments: { count: COUNT } }
    const { message } = await client.request('tools/call', params)
    expect(message.result?.content).toEqual([{ type: 'text', text: 'done' }])
    expect(await echo(client, wire, 'after')).toBe('after')
    expect(stage.peakMegabytes()).toBeLessThan(MOST_MEGABYTES)
    await stage.unharmed()
  },
)
