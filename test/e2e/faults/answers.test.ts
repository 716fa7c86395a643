import { beforeAll, expect, test } from 'vitest'
import { closedAfterAll } from '../../fixtures/closed.ts'
import type { FaultName } from '../../fixtures/faults/faults.ts'
import {
  type Clients,
  callFault,
  ERAS,
  echo,
  FaultStage,
  WIRE_NAMES,
  type WireName,
} from '../../fixtures/faults/stage.ts'

const stage = closedAfterAll(new FaultStage())
let clients: Clients
beforeAll(async () => {
  const timeouts = Object.fromEntries(WIRE_NAMES.map((wire) => [wire, '3s']))
  await stage.startOver(WIRE_NAMES, { timeouts })
  clients = await stage.clients()
})
const NOT_RPC = 'something that is not a JSON-RPC response'
const LATE = 'did not answer within 3000 ms; the call was cancelled there, and may have run'

/** By fault: what the client is told where a wire carries one answer only, and where it goes on. */
const FAULTS: Partial<Record<FaultName, { readonly alone: string; readonly shared: string }>> = {
  silent: { alone: LATE, shared: LATE },
  foreign: { alone: NOT_RPC, shared: LATE },
  garbage: { alone: NOT_RPC, shared: LATE },
  truncated: { alone: NOT_RPC, shared: NOT_RPC },
  latin1: { alone: NOT_RPC, shared: NOT_RPC },
  scalar: { alone: 'a response that has no result', shared: 'a response that has no result' },
  neither: { alone: 'a response that has no result', shared: 'a response that has no result' },
  list: { alone: NOT_RPC, shared: LATE },
}

test.concurrent.each(Object.keys(FAULTS) as FaultName[])(
  'a backend whose answer is %s is named, whatever the wire and the client, and the next call is fine',
  async (fault) => {
    const told = WIRE_NAMES.flatMap((wire) => ERAS.map((era) => tellsOf(fault, wire, era)))
    await Promise.all(told)
    await stage.unharmed()
  },
)

async function tellsOf(fault: FaultName, wire: WireName, era: keyof Clients): Promise<void> {
  const client = clients[era]
  const { message, status } = await callFault(client, wire, fault)
  const said = message.error?.message
  expect(status, `${wire} ${era}`).toBe(200)
  expect(said, `${wire} ${era}`).toContain(FAULTS[fault]?.[/stdio|sse/.test(wire) ? 'shared' : 'alone'])
  expect(said).toContain(`backend '${wire}'`)
  expect(said).toMatch(/may (or may not )?have run$/)
  expect(await echo(client, wire, 'again')).toBe('again')
}

test.each(['twice', 'version'] as const)('an answer that is right though %s is taken', async (fault) => {
  // One JSON reply that holds two answers is none.
  const wires = WIRE_NAMES.filter((wire) => fault !== 'twice' || !wire.endsWith('json'))
  for (const wire of wires) {
    const replies = await Promise.all(ERAS.map((era) => callFault(clients[era], wire, fault)))
    for (const { message } of replies)
      expect(message.result?.content).toEqual([{ type: 'text', text: 'done' }])
  }
  await stage.unharmed()
})
