import { writeFile } from 'node:fs/promises'
import { beforeAll, expect, test } from 'vitest'
import { eventually, toolNames } from '../../fixtures/ask.ts'
import { closedAfterAll } from '../../fixtures/closed.ts'
import type { FaultName } from '../../fixtures/faults/faults.ts'
import { type Client, echo, FaultStage, WIRES, type WireName } from '../../fixtures/faults/stage.ts'

const CASES: readonly [wire: WireName, method: string, fault: FaultName][] = [
  ['legacy-stdio', 'initialize', 'truncated'],
  ['modern-stdio', 'server/discover', 'truncated'],
  ['legacy-stdio', 'tools/list', 'scalar'],
  ['modern-json', 'server/discover', 'html'],
  ['legacy-json', 'initialize', 'greetingBomb'],
  ['modern-events', 'tools/list', 'listBomb'],
  ['legacy-events', 'initialize', 'errorBomb'],
  ['old-sse', 'tools/list', 'latin1'],
  ['old-sse', 'initialize', 'cut'],
]
const nameOf = (wire: string, method: string) => `${wire}-${method.replace('/', '-')}`
/** Three of them send 90 MB, which is there twice while it is joined. Parsed, each would be two thousand. */
const MOST_MEGABYTES = 750

const stage = closedAfterAll(new FaultStage())
let client: Client
let plans: string[]
beforeAll(async () => {
  plans = await Promise.all(
    CASES.map(([, method, fault]) => stage.file('plan.json', JSON.stringify({ [method]: fault }))),
  )
  const backends = CASES.map(([wire, method], i) =>
    stage.backend(nameOf(wire, method), { ...WIRES[wire], plan: plans[i] as string }),
  )
  await stage.start(await Promise.all(backends), {
    timeouts: Object.fromEntries(CASES.map(([wire, method]) => [nameOf(wire, method), '10s'])),
  })
  client = await stage.client('modern')
})
test('backends that greet or list in a wrong way are left out, and taken in once they do better', {
  timeout: 90_000,
}, async () => {
  const told = CASES.map(async ([wire, method], i) => {
    const name = nameOf(wire, method)
    await eventually(
      async () => expect(await stage.statusOf(name)).toMatchObject({ health: 'unhealthy' }),
      40_000,
    )
    expect((await toolNames(stage.url)).filter((it) => it.startsWith(`${name}_`))).toEqual([])
    await writeFile(plans[i] as string, '{}')
    await eventually(async () => expect(await echo(client, name, 'x')).toBe('x'), 40_000)
  })
  await Promise.all(told)
  await stage.unharmed()
  expect(stage.peakMegabytes()).toBeLessThan(MOST_MEGABYTES)
})
