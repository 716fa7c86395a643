import { beforeAll, expect, test } from 'vitest'
import { eventually, toolNames } from '../../fixtures/ask.ts'
import { closedAfterAll } from '../../fixtures/closed.ts'
import {
  type Clients,
  callFault,
  ERAS,
  echo,
  FaultStage,
  WIRE_NAMES,
  WIRES,
  type WireName,
} from '../../fixtures/faults/stage.ts'

const stage = closedAfterAll(new FaultStage())
let clients: Clients
const MODEST: readonly WireName[] = ['legacy-stdio', 'modern-json']
beforeAll(async () => {
  const plan = await stage.file('plan.json', JSON.stringify({ 'tools/list': 'unknown' }))
  const honest = WIRE_NAMES.map((wire) => stage.backend(wire, WIRES[wire]))
  const modest = MODEST.map((wire) => stage.backend(`modest-${wire}`, { ...WIRES[wire], capabilities: '{}' }))
  const empty = MODEST.map((wire) => stage.backend(`empty-${wire}`, { ...WIRES[wire], plan }))
  const timeouts = Object.fromEntries(WIRE_NAMES.map((wire) => [wire, '5s']))
  await stage.start(await Promise.all([...honest, ...modest, ...empty]), { timeouts })
  clients = await stage.clients()
  await eventually(async () => expect(await toolNames(stage.url)).toHaveLength(5 * WIRE_NAMES.length + 1))
})
test.each(MODEST)('a %s backend that declares no tools has none, whatever it would send', async (wire) => {
  expect(await stage.statusOf(`modest-${wire}`)).toMatchObject({ health: 'healthy' })
  const { message } = await callFault(clients.modern, `modest-${wire}`, 'silent')
  expect(message.error?.message).toContain(`tool 'modest-${wire}_fault' not found`)
})

test.each(MODEST)('a %s backend that declares tools and does not know the list has none', async (wire) => {
  expect(await stage.statusOf(`empty-${wire}`)).toMatchObject({ health: 'healthy' })
})

const ASKED = ['sampling/createMessage', 'elicitation/create', 'roots/list'] as const
/** A reply of plain JSON has no room for a question. */
const ASKING = WIRE_NAMES.filter((wire) => !wire.endsWith('json'))

test.each(ASKED)(
  'a backend that asks for %s is told no, and a client that has not declared it hears nothing of it',
  async (method) => {
    for (const wire of ASKING) {
      for (const era of ERAS) {
        const client = clients[era]
        const reply = await client.request('tools/call', { name: `${wire}_ask`, arguments: { method } })
        const [block] = (reply.message.result?.content ?? []) as { text: string }[]
        expect(reply.messages, `${wire} ${era}`).toHaveLength(1)
        // Such a client learns what to declare, and the call ends (MCP 2026-07-28).
        if (era === 'modern') {
          expect(reply.message.error?.code, wire).toBe(-32021)
          continue
        }
        // Over HTTP a modern server has no way to be told.
        const wanted =
          wire === 'modern-events' ? '"nothing"' : /"code":-32601,"message":"[^"]*(declared|relayed)/
        expect(block?.text, `${wire} ${era}`).toMatch(wanted)
      }
    }
    await stage.unharmed()
  },
)

test('a backend that wants input in a way of the other era is told of, and the next call is fine', async () => {
  const client = clients.legacy
  for (const wire of WIRE_NAMES) {
    const { message } = await callFault(client, wire, 'inputRequired')
    const said =
      WIRES[wire].era === 'legacy'
        ? "type 'input_required'"
        : 'not declared the capability "elicitation.form"'
    expect(message.error?.message, wire).toContain(said)
    expect(await echo(client, wire, 'again')).toBe('again')
  }
  await stage.unharmed()
})
