import { beforeAll, expect, test } from 'vitest'
import { eventually } from '../../fixtures/ask.ts'
import { type LegacyClient, ModernClient } from '../../fixtures/client.ts'
import { closedAfterAll } from '../../fixtures/closed.ts'
import { type Client, callFault, echo, FaultStage, type WireName } from '../../fixtures/faults/stage.ts'

/** Over HTTP a call that is given up closes its own reply: a late answer can come on the server's own stream alone. */
const WIRES: readonly WireName[] = ['legacy-stdio', 'modern-stdio', 'old-sse', 'legacy-json', 'legacy-events']

const stage = closedAfterAll(new FaultStage())
let client: Client
beforeAll(async () => {
  await stage.startOver(WIRES)
  client = await stage.client('modern')
})
test('answers that come after the call timed out are dropped, and counted in the status of their backend', async () => {
  for (const wire of WIRES) expect(await stage.statusOf(wire)).not.toHaveProperty('late_replies')
  const told = WIRES.map(async (wire) => {
    const { message, messages } = await callFault(client, wire, 'late', { ms: 1_500 })
    expect(messages).toHaveLength(1)
    expect(message.error?.message).toContain(`backend '${wire}' did not answer within 1000 ms`)
    await eventually(async () => expect(await stage.statusOf(wire)).toMatchObject({ late_replies: 1 }))
    expect(await echo(client, wire, 'again')).toBe('again')
    expect(await stage.statusOf(wire)).toMatchObject({ late_replies: 1 })
  })
  await Promise.all(told)
  expect(await stage.statusOf('well')).not.toHaveProperty('late_replies')
  await stage.unharmed()
})

test('answers that come after the client cancelled are counted too', async () => {
  const before = Number((await stage.statusOf('legacy-stdio')).late_replies)
  const params = { name: 'legacy-stdio_fault', arguments: { fault: 'late', ms: 900 } }
  const leaving = new ModernClient(stage.url)
  const call = leaving.request('tools/call', params).catch(() => 'gone')
  setTimeout(() => void leaving.close(), 300)
  expect(await call).toBe('gone')
  await eventually(async () =>
    expect(await stage.statusOf('legacy-stdio')).toMatchObject({ late_replies: before + 1 }),
  )
  const legacy = (await stage.client('legacy')) as LegacyClient
  // So that its own process is there.
  await eventually(async () => expect(await echo(legacy, 'legacy-stdio', 'x')).toBe('x'))
  const cancelled = legacy.request('tools/call', params)
  setTimeout(() => void legacy.notify('notifications/cancelled', { requestId: legacy.lastId }), 300)
  expect((await cancelled).message.error).toBeUndefined()
  await eventually(async () =>
    expect(await stage.statusOf('legacy-stdio')).toMatchObject({ late_replies: before + 2 }),
  )
  await stage.unharmed()
})
