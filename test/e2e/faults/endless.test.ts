import { beforeAll, expect, test } from 'vitest'
import { eventually } from '../../fixtures/ask.ts'
import { closedAfterAll } from '../../fixtures/closed.ts'
import {
  type Client,
  callFault,
  echo,
  FaultStage,
  WIRES,
  type WireName,
} from '../../fixtures/faults/stage.ts'

/** One of each way in which bytes come to the gateway. */
const PATIENT: readonly WireName[] = ['legacy-stdio', 'modern-json', 'modern-events', 'old-sse']
/** Those over which bytes can come in very small pieces. Their calls may take 1 s. */
const HASTY: readonly WireName[] = ['modern-json', 'modern-events', 'old-sse']
/** The limit of one message is 100 MB, the gateway itself has some 120; the rest is room for what is not collected yet. */
const MOST_MEGABYTES = 450

const stage = closedAfterAll(new FaultStage())
let client: Client
beforeAll(async () => {
  const hasty = HASTY.map((wire) => stage.backend(`hasty-${wire}`, WIRES[wire]))
  const patient = PATIENT.map((wire) => stage.backend(wire, WIRES[wire]))
  const timeouts = Object.fromEntries(PATIENT.map((wire) => [wire, '20s']))
  await stage.start(await Promise.all([...patient, ...hasty]), { timeouts })
  client = await stage.client('modern')
})
const TOO_MUCH: Readonly<Record<string, RegExp>> = {
  'legacy-stdio':
    /sent 2\d{8} bytes without coming to the end of a message; the call may or may not have run$/,
  'modern-json': /answered with more than 104857600 bytes.*; the call may or may not have run$/,
  'modern-events': /answered with more than 104857600 bytes.*; the call may or may not have run$/,
  'old-sse': /answered with more than 104857600 bytes.*; the call may or may not have run$/,
}

test.each(PATIENT)(
  '300 MB without end over %s are cut off, and the backend is of use again',
  async (wire) => {
    const { message } = await callFault(client, wire, 'endless')
    expect(message.error?.message).toMatch(TOO_MUCH[wire] as RegExp)
    expect(message.error?.message).toContain(`backend '${wire}'`)
    await stage.unharmed()
    await eventually(async () => expect(await echo(client, wire, 'again')).toBe('again'), 20_000)
    expect(stage.peakMegabytes()).toBeLessThan(MOST_MEGABYTES)
  },
)

test.each(HASTY)(
  'millions of bytes over %s in pieces of one byte or line take no more memory than they have bytes',
  async (wire) => {
    for (const fault of ['crumbs', 'lines'] as const) {
      const { message } = await callFault(client, `hasty-${wire}`, fault)
      expect(message.error?.message).toContain(`backend 'hasty-${wire}'`)
      expect(stage.peakMegabytes()).toBeLessThan(MOST_MEGABYTES)
    }
    await stage.unharmed()
  },
)
