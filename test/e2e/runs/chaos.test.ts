import { expect, test, vi } from 'vitest'
import type { Reply } from '../../fixtures/client.ts'
import { closedAfterEach } from '../../fixtures/closed.ts'
import type { Json } from '../../fixtures/fixture.ts'
import { Stage } from '../../fixtures/stage.ts'
import { askedBy, kill, modernClient, retry, type StoreType, sceneOf, told } from './scene.ts'

// A gateway that dies while many answer, at any moment of it.

vi.setConfig({ testTimeout: 120_000 })

const stage = closedAfterEach(new Stage())
const RUNS = 24

test.each<[StoreType, number]>([
  ['file', 0],
  ['file', 40],
  ['redis', 0],
  ['redis', 25],
])(
  'of many runs in a store of type %s whose gateway dies %i ms after they are answered, none is done twice',
  async (type, ms) => {
    const scene = await sceneOf(stage, type)
    const first = await scene.serve()
    const before = modernClient(stage, first)
    const states = await Promise.all(
      Array.from({ length: RUNS }, async () => (await askedBy(before)).requestState),
    )
    const answers = states.map((state) => retry(before, state).catch(() => undefined))
    await new Promise((resolve) => setTimeout(resolve, ms))
    await kill(first)
    const heard = await Promise.all(answers)

    const after = modernClient(stage, await scene.serve())
    // Who heard nothing sends the same again; who heard something does so too, as clients may.
    const later = await Promise.all(states.map((state) => retry(after, state)))
    const [done, refused] = [later.filter(isDone), later.filter((reply) => !isDone(reply))]
    for (const { message } of refused) expect(message.error?.message).toContain('of yours waits here')
    const answered = heard.filter((reply) => reply !== undefined && isDone(reply)) as Reply[]
    const [planned, deployed] = await scene.counted()
    expect(planned).toBe(RUNS)
    expect(deployed).toBeLessThanOrEqual(RUNS)
    expect(deployed).toBeGreaterThanOrEqual(answered.length + done.length)
    const texts = [...answered, ...done].map(({ message }) => told(message.result as Json))
    expect(new Set(texts).size).toBe(texts.length)
    // What was not answered when the gateway died is done now. What was, and was under way, is done no further.
    if (ms === 0) expect(done.length).toBeGreaterThan(0)
  },
)

function isDone({ message }: Reply): boolean {
  return message.result !== undefined && message.result['isError'] !== true
}
