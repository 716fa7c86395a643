import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { realSignal, type Signal } from '../../core/abort.ts'
import { systemClock } from './clock.ts'
import { defineWorkflow, type StepDraft } from './define.ts'
import type { Clock, Ports, ToolCallRequest } from './ports.ts'
import { listeningTo, references } from './testing.ts'
import { runWorkflow } from './workflow.ts'

const signals: Signal[] = []
let sleeping = 0

const countingClock: Clock = {
  now: systemClock.now,
  async sleep(ms, signal) {
    sleeping++
    await systemClock.sleep(ms, signal)
    sleeping--
  },
}

beforeEach(() => {
  signals.length = 0
  vi.spyOn(process, 'emitWarning')
  sleeping = 0
})

afterEach(() => {
  vi.restoreAllMocks()
})

/** With the real clock: `sleep` takes its time unless cancelled, `deaf` never ends, `bad` fails. */
const ports: Ports = {
  templates: references,
  clock: countingClock,
  async callTool(call: ToolCallRequest) {
    signals.push(call.signal)
    if (call.tool === 'deaf') return new Promise(() => {})
    if (call.tool === 'sleep') await delay(10_000, undefined, { signal: realSignal(call.signal) })
    return { content: [], isError: call.tool === 'bad' }
  },
  async elicit(request) {
    signals.push(request.signal)
    return new Promise(() => {})
  },
}

async function run(
  steps: StepDraft[],
  more: { timeoutMs?: number; maxParallel?: number; signal?: AbortSignal } = {},
) {
  const signal = more.signal ?? new AbortController().signal
  signals.push(signal)
  const began = performance.now()
  const outcome = await runWorkflow(defineWorkflow({ name: 'w', steps, ...more }), {}, ports, signal)
  return { outcome, ms: performance.now() - began }
}

async function expectNothingLeft() {
  await new Promise((resolve) => setImmediate(resolve))
  expect(sleeping).toBe(0)
  for (const signal of signals) expect(listeningTo(signal)).toBe(0)
  expect(process.emitWarning).not.toHaveBeenCalled()
}

describe('after a run there is no timer and no listener left', () => {
  it('that completed, with many steps at once', async () => {
    const steps = Array.from({ length: 100 }, (_, index) => ({ id: `s${index}`, tool: 'ok' }))
    const items = JSON.stringify(Array.from({ length: 200 }, () => 1))
    const loop = {
      id: 'loop',
      type: 'forEach',
      collection: items,
      maxIterations: 500,
      maxParallel: 50,
      step: { tool: 'ok' },
    } as const
    const { outcome } = await run([...steps.slice(1), loop], { maxParallel: 100 })
    expect(outcome.status).toBe('completed')
    await expectNothingLeft()
  })

  it('that failed while others were under way, which end at once', async () => {
    const { outcome, ms } = await run([
      { id: 'a', tool: 'sleep' },
      { id: 'b', tool: 'bad' },
      { id: 'c', type: 'forEach', collection: '[1,2,3]', step: { tool: 'sleep' } },
    ])
    expect(outcome.status).toBe('failed')
    expect(ms).toBeLessThan(3000)
    await expectNothingLeft()
  })

  it('that waited for a retry when it was cancelled', async () => {
    const control = new AbortController()
    setTimeout(() => control.abort(), 20)
    const onError = { action: 'retry', retryCount: 3, retryDelayMs: 10_000 } as const
    const { outcome, ms } = await run([{ id: 'a', tool: 'bad', onError }], { signal: control.signal })
    expect(outcome.status).toBe('cancelled')
    expect(ms).toBeLessThan(3000)
    await expectNothingLeft()
  })

  it('that timed out over a tool and a person who do not listen', async () => {
    const { outcome, ms } = await run(
      [
        { id: 'a', tool: 'deaf' },
        { id: 'b', type: 'elicitation', message: 'well?', schema: {} },
      ],
      { timeoutMs: 50 },
    )
    expect(outcome.status).toBe('timed_out')
    expect(ms).toBeGreaterThanOrEqual(50)
    expect(ms).toBeLessThan(5000)
    await expectNothingLeft()
  })
})

describe('the system clock', () => {
  it('sleeps longer than a timer can, and clears its timer when it is cancelled', async () => {
    const made = vi.spyOn(globalThis, 'setTimeout')
    const cleared = vi.spyOn(globalThis, 'clearTimeout')
    const control = new AbortController()
    let awake = false
    const sleep = systemClock.sleep(2 ** 33, control.signal).then(() => {
      awake = true
    })
    const at = made.mock.calls.findIndex(([, ms]) => ms === 2 ** 31 - 1)
    await delay(20)
    expect(awake).toBe(false)
    control.abort()
    await sleep
    expect(cleared.mock.calls.flat()).toContain(made.mock.results[at]?.value)
    expect(listeningTo(control.signal)).toBe(0)
  })

  it('tells the time of day', () => {
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(5000)
  })
})
