import { expect, test } from 'vitest'
import { eventually, toolNames } from '../fixtures/ask.ts'
import { closedAfterAll } from '../fixtures/closed.ts'
import { config } from '../fixtures/config.ts'
import { descendantsOf, isAlive, openHandles } from '../fixtures/processes.ts'
import { pick, seeded } from '../fixtures/random.ts'
import { type Child, Stage } from '../fixtures/stage.ts'
import { type SoakBackend, startBackends } from './backends.ts'
import { type Caller, call, openCaller } from './callers.ts'
import { Outages } from './outages.ts'

const CALLS = 50_000
const BACKENDS = 20
const CALLERS = 24
const CALLS_PER_RESTART = 1000
const SEED = 20_261_121
/** More are not down at once. */
const MOST_DOWN = 5
/** A backend that was restarted must be usable again by then. */
const RECOVERY_MS = 20_000

const stage = closedAfterAll(new Stage())
test('50,000 calls over 20 backends that restart: none lost, none wrong, nothing left behind', async () => {
  const backends = await startBackends(stage, BACKENDS)
  const gateway = await stage.gateway({ config: config(backends.map(({ entry }) => entry)) })
  await eventually(async () => expect(await toolNames(gateway.ready)).toHaveLength(BACKENDS), 20_000)
  const before = await quiet(gateway)

  const soak = new Soak(gateway, backends)
  await soak.run()
  expect(soak.faults.slice(0, 10)).toEqual([])
  expect(soak.answered + soak.excused).toBe(CALLS)
  expect(soak.answered).toBeGreaterThan(CALLS * 0.9)
  expect(soak.outages.count).toBeGreaterThanOrEqual(CALLS / CALLS_PER_RESTART / 2)

  await eventually(async () => {
    const after = await quiet(gateway)
    expect(after.children).toBe(before.children)
    expect(after.handles).toBeLessThanOrEqual(before.handles + 2)
  }, 45_000)
  const children = descendantsOf(gateway.pid)
  expect(gateway.stderr()).not.toMatch(/MaxListenersExceeded|Unhandled|Uncaught/)
  await gateway.stop('SIGTERM')
  expect(children.filter(isAlive)).toEqual([])
})

/** What the gateway holds once two looks, a moment apart, see the same. */
async function quiet({ pid }: Child): Promise<{ children: number; handles: number }> {
  const look = () => ({ children: descendantsOf(pid).length, handles: openHandles(pid) })
  for (let last = look(); ; ) {
    await new Promise((resolve) => setTimeout(resolve, 1500))
    const now = look()
    if (now.children === last.children && now.handles === last.handles) return now
    last = now
  }
}

class Soak {
  readonly faults: string[] = []
  readonly outages = new Outages()
  answered = 0
  excused = 0
  readonly #gateway: Child
  readonly #backends: readonly SoakBackend[]
  readonly #random = seeded(SEED)
  readonly #callers: Caller[] = []
  readonly #restarts: Promise<void>[] = []
  readonly #lastPid = new Map<string, number>()
  #calls = 0

  constructor(gateway: Child, backends: readonly SoakBackend[]) {
    this.#gateway = gateway
    this.#backends = backends
  }

  async run(): Promise<void> {
    for (let i = 0; i < CALLERS; i++) {
      this.#callers.push(await openCaller(this.#gateway.ready, i % 2 === 0 ? 'modern' : 'legacy'))
    }
    await Promise.all(this.#callers.map((caller) => this.#work(caller)))
    await Promise.all(this.#restarts)
    await Promise.all(this.#callers.map((caller) => caller.leave()))
  }

  async #work(caller: Caller): Promise<void> {
    while (this.#calls < CALLS && this.faults.length < 10) {
      const marker = `call-${this.#calls++}`
      const { id } = pick(this.#random, this.#backends)
      await this.#callOnce(caller, id, marker)
      if (this.#calls % CALLS_PER_RESTART === 0) this.#restarts.push(this.#restartOne())
    }
  }

  async #callOnce(caller: Caller, id: string, marker: string): Promise<void> {
    const began = performance.now()
    const outcome = await call(caller, id, marker)
    if (outcome.kind === 'answered') {
      const { echoed } = outcome
      if (echoed.id === id && echoed.input === marker) this.answered++
      else this.faults.push(`${marker} to ${id} got the answer of ${echoed.id} to ${echoed.input}`)
      this.#lastPid.set(id, echoed.pid)
    } else if (outcome.kind === 'refused' && this.outages.excuses(id, began)) this.excused++
    else this.faults.push(`${marker} to ${id}: ${outcome.kind}: ${outcome.reason}`)
  }

  /** Kills a backend; its outage lasts until it answers a caller of either era again. */
  async #restartOne(): Promise<void> {
    const up = this.#backends.filter(({ id }) => !this.outages.isDown(id) && this.#lastPid.has(id))
    if (this.#backends.length - up.length >= MOST_DOWN) return
    const backend = pick(this.#random, up)
    const outage = this.outages.begin(backend.id)
    try {
      await backend.restart(this.#lastPid.get(backend.id) as number)
      for (const caller of this.#callers.slice(0, 2))
        await eventually(() => probe(caller, backend), RECOVERY_MS)
    } catch (error) {
      this.faults.push(`${backend.id} did not come back: ${error}`)
    }
    this.outages.end(outage)
  }
}

async function probe(caller: Caller, { id }: SoakBackend): Promise<void> {
  const outcome = await call(caller, id, 'probe')
  if (outcome.kind !== 'answered') throw new Error(outcome.reason)
}
