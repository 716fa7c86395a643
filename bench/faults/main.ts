// npm run bench:faults -- [--calls N] [--breaker] [--json]
// 20 backends, five of them behind wires that delay, drop, reset, truncate and drip, each in turn: what that does to
// the calls of the others.

import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { config } from '../../test/fixtures/config.ts'
import { ROOT } from '../../test/fixtures/root.ts'
import { Stage } from '../../test/fixtures/stage.ts'
import { FAULTS, type Fault } from '../../test/fixtures/toxic.ts'
import { untilListed } from '../rows/ready.ts'
import { heldBytes } from '../sessions.ts'
import { type FaultyBackend, startFaulty, startGood } from './backends.ts'
import { type Caller, type Made, openCaller } from './calls.ts'
import { report } from './report.ts'

const GOOD = 15
const FAULTY = 5
const TIMEOUT_MS = 1_000
/** Good backends are called at a steady pace, so that their times can be compared. */
const GOOD_WORKERS = 8
const PACE_MS = 40
const WORKERS_PER_FAULTY = 4
const PATIENCE_MS = 30_000

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '10000' },
    breaker: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})

/** Calls of good backends for as long as the other work takes, and at least so many. */
interface Phase {
  readonly good: readonly Made[]
  readonly faulty: readonly (Made & { readonly fault: Fault })[]
}

const stage = new Stage()
try {
  process.exitCode = await run(stage, Number(values.calls))
} finally {
  await stage.close()
}

async function run(stage: Stage, total: number): Promise<number> {
  const [good, faulty] = await Promise.all([startGood(stage, GOOD), startFaulty(stage, FAULTY)])
  const backends = [...good, ...faulty.map(({ entry }) => entry)]
  const perWorkload = Object.fromEntries(faulty.map(({ entry }) => [entry.name, `${TIMEOUT_MS}ms`]))
  const circuitBreaker = { enabled: true, failureThreshold: 5, timeout: '2s' }
  const operational = {
    timeouts: { perWorkload },
    ...(values.breaker && { failureHandling: { circuitBreaker } }),
  }
  const gateway = await stage.gateway({
    config: config(backends, { operational }),
    nodeArgs: ['--expose-gc', '--import', join(ROOT, '.cache/tools/bench/collect.js')],
  })
  await untilListed(gateway.ready, backends.length)
  const eras = Array.from({ length: 8 }, (_, at) => (at % 2 === 0 ? 'modern' : 'legacy'))
  const callers = await Promise.all(
    eras.map((era) => openCaller(stage, gateway.ready, era as 'modern' | 'legacy')),
  )
  const names = good.map(({ name }) => name)
  const each = Math.ceil(total / (FAULTS.length + 1))

  await phase({ callers, names, faulty, goodCalls: 600, faultyCalls: 200 })
  const inOrder = { callers, names, faulty, goodCalls: each / 2, faultyCalls: each / 8, faultyPaceMs: 300 }
  const first = await phase(inOrder)
  const before = await heldBytes(gateway)
  const bad: Phase[] = []
  for (const [turn] of FAULTS.entries()) {
    for (const [at, { wire }] of faulty.entries()) wire.fault = FAULTS[(turn + at) % FAULTS.length] as Fault
    // Calls that an open breaker refuses take no time of their own.
    const pace = values.breaker ? { faultyPaceMs: 100 } : {}
    bad.push(await phase({ callers, names, faulty, goodCalls: each * 0.75, faultyCalls: each / 4, ...pace }))
  }
  for (const { wire } of faulty) wire.fault = 'none'
  const backAfterMs = await untilBack(callers, faulty)
  const after = await settled(() => heldBytes(gateway), before * 1.1)
  const last = await phase(inOrder)
  return report({
    usual: [first, last].flatMap((it) => it.good),
    good: bad.flatMap((it) => it.good),
    faulty: bad.flatMap((it) => it.faulty),
    timeoutMs: TIMEOUT_MS,
    backAfterMs,
    memory: { before, after },
    json: values.json,
  })
}

interface Plan {
  readonly callers: readonly Caller[]
  readonly names: readonly string[]
  readonly faulty: readonly FaultyBackend[]
  readonly goodCalls: number
  readonly faultyCalls: number
  /** Between two calls of one worker. */
  readonly faultyPaceMs?: number
}

async function phase({ callers, names, faulty, goodCalls, faultyCalls, faultyPaceMs }: Plan): Promise<Phase> {
  const found = { good: [] as Made[], faulty: [] as (Made & { fault: Fault })[] }
  let isOn = true
  let turn = 0
  const next = () => callers[turn++ % callers.length] as Caller
  const onGood = async () => {
    while (isOn || found.good.length < goodCalls) {
      found.good.push(await next()(names[turn % names.length] as string))
      await delay(PACE_MS)
    }
  }
  const onFaulty = async ({ entry, wire }: FaultyBackend) => {
    for (let n = 0; n < faultyCalls / FAULTY / WORKERS_PER_FAULTY; n++) {
      found.faulty.push({ ...(await next()(entry.name)), fault: wire.fault })
      if (faultyPaceMs !== undefined) await delay(faultyPaceMs)
    }
  }
  const workers = faulty.flatMap((backend) =>
    Array.from({ length: WORKERS_PER_FAULTY }, () => onFaulty(backend)),
  )
  const done = Promise.all(workers).then(() => {
    isOn = false
  })
  await Promise.all([done, ...Array.from({ length: GOOD_WORKERS }, onGood)])
  return found
}

/** @returns how long it took until every faulty backend answered again, in milliseconds */
async function untilBack([caller]: readonly Caller[], faulty: readonly FaultyBackend[]): Promise<number> {
  const since = performance.now()
  for (const { entry } of faulty) {
    while ((await (caller as Caller)(entry.name)).error !== undefined) {
      if (performance.now() - since > PATIENCE_MS) return Number.POSITIVE_INFINITY
      await delay(100)
    }
  }
  return performance.now() - since
}

async function settled(measure: () => Promise<number>, goal: number): Promise<number> {
  const until = performance.now() + PATIENCE_MS
  for (;;) {
    const held = await measure()
    if (held <= goal || performance.now() > until) return held
  }
}
