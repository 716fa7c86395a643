import { beforeAll, expect, test } from 'vitest'
import { eventually } from '../../fixtures/ask.ts'
import { closedAfterAll } from '../../fixtures/closed.ts'
import { type Clients, callFault, ERAS, echo, FaultStage, WIRE_NAMES } from '../../fixtures/faults/stage.ts'

const stage = closedAfterAll(new FaultStage())
let clients: Clients
beforeAll(async () => {
  const timeouts = Object.fromEntries(WIRE_NAMES.map((wire) => [wire, '5s']))
  await stage.startOver(WIRE_NAMES, { timeouts })
  clients = await stage.clients()
})
test.each(['cut', 'reset'] as const)(
  'a wire that ends by %s in the middle of an answer: the call may have run, and the next one has a new wire',
  async (fault) => {
    for (const era of ERAS) {
      const client = clients[era]
      const told = WIRE_NAMES.map(async (wire) => {
        const { message } = await callFault(client, wire, fault)
        expect(message.error?.message, wire).toContain(`backend '${wire}'`)
        expect(message.error?.message, wire).toMatch(
          /(was lost before the answer came|exited with code 7|was ended by SIGKILL).*the call may or may not have run$/,
        )
        // One that dies over and over is started again later and later.
        await eventually(async () => expect(await echo(client, wire, 'again')).toBe('again'))
      })
      await Promise.all(told)
    }
    await stage.unharmed()
  },
)
