import { getEventListeners } from 'node:events'
import { LightSignal, type Signal } from '../../core/abort.ts'
import type { JsonObject } from '../../core/catalog.ts'
import { GatewayError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'
import { defineWorkflow, type WorkflowDraft } from './define.ts'
import type { RunEvent } from './events.ts'
import { textOf } from './json.ts'
import type { Clock, Ports, Templates, ToolCallRequest, ToolOutcome } from './ports.ts'
import type { Outcome, StepReport } from './state.ts'
import { runWorkflow } from './workflow.ts'

/** For tests: a clock that jumps to the next sleeper whenever nothing else is left to do. */
export interface VirtualClock extends Clock {
  /** Lets time pass until `work` ends. @throws when nothing is left that could end it */
  run<T>(work: Promise<T>): Promise<T>
  /** How many sleep now. */
  readonly sleeping: number
}

interface Sleeper {
  readonly at: number
  wake(): void
}

export function virtualClock(): VirtualClock {
  const sleepers = new Set<Sleeper>()
  let now = 1_000_000
  const next = () => [...sleepers].reduce((soonest, each) => (each.at < soonest.at ? each : soonest))
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const sleeper = { at: now + ms, wake }
        function wake() {
          sleepers.delete(sleeper)
          signal.removeEventListener('abort', wake)
          resolve()
        }
        if (signal.aborted) return resolve()
        signal.addEventListener('abort', wake)
        sleepers.add(sleeper)
      }),
    async run(work) {
      let ended = false
      const end = () => {
        ended = true
      }
      work.then(end, end)
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve))
        if (ended) return work
        if (sleepers.size === 0) throw new Error('the work waits for something that cannot come')
        const sleeper = next()
        now = sleeper.at
        sleeper.wake()
      }
    },
    get sleeping() {
      return sleepers.size
    },
  }
}

/** For tests: templates that know references and nothing else: `{{.steps.a.output.x}}`. */
export const references: Templates = {
  expand: expandAll,
  test(condition, data) {
    const value = expandAll(condition, data)
    if (value === true || value === 'true') return true
    if (value === false || value === 'false') return false
    throw new Error(`expected true or false, got ${JSON.stringify(value)}`)
  },
}

const REFERENCE = /\{\{\.([\w.-]+)\}\}/g
const LONE_REFERENCE = /^\{\{\.([\w.-]+)\}\}$/

function expandAll(value: unknown, data: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => expandAll(item, data))
  if (isObject(value)) return mapValues(value, (member) => expandAll(member, data))
  if (typeof value !== 'string') return value
  const lone = LONE_REFERENCE.exec(value)?.[1]
  if (lone !== undefined) return lookUp(lone, data)
  return value.replace(REFERENCE, (_, path: string) => textOf(lookUp(path, data)))
}

function mapValues(object: JsonObject, change: (value: unknown) => unknown): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]))
}

function lookUp(path: string, data: unknown): unknown {
  let at = data
  for (const key of path.split('.')) {
    if (!isObject(at) || !Object.hasOwn(at, key)) throw new Error(`.${path}: there is no '${key}'`)
    at = at[key]
  }
  return at
}

export interface World {
  readonly tools?: Readonly<Record<string, Tool>>
  readonly params?: JsonObject
  readonly signal?: AbortSignal
  readonly ports?: Partial<Ports>
  /** Something that happens when the run is this old. */
  readonly after?: { readonly ms: number; act(): void } | undefined
}

/** How many listen to a signal. */
export function listeningTo(signal: Signal): number {
  return signal instanceof LightSignal
    ? signal.listening
    : getEventListeners(signal as AbortSignal, 'abort').length
}

export type Tool = (call: ToolCallRequest, clock: Clock) => ToolOutcome | Promise<ToolOutcome>

export interface Simulation {
  readonly outcome: Outcome
  readonly calls: readonly ToolCallRequest[]
  readonly events: readonly RunEvent[]
  readonly clock: VirtualClock
  /** The report of one step. */
  step(id: string): StepReport
}

/** Runs a workflow in virtual time over tools that are functions. */
export async function simulate(draft: WorkflowDraft, world: World = {}): Promise<Simulation> {
  const clock = virtualClock()
  const calls: ToolCallRequest[] = []
  const events: RunEvent[] = []
  const ports: Ports = {
    templates: references,
    clock,
    random: () => 0.5,
    onEvent: (event) => events.push(event),
    elicit: async () => ({ action: 'accept', content: {} }),
    async callTool(call) {
      calls.push(call)
      const tool = world.tools?.[call.tool]
      if (tool === undefined) throw new GatewayError('not_found', `tool '${call.tool}' not found`)
      return tool(call, clock)
    },
    ...world.ports,
  }
  const signal = world.signal ?? new AbortController().signal
  const work = runWorkflow(defineWorkflow(draft), world.params ?? {}, ports, signal)
  const { after } = world
  const ended = new AbortController()
  if (after !== undefined)
    void clock.sleep(after.ms, ended.signal).then(() => ended.signal.aborted || after.act())
  const outcome = await clock.run(work)
  ended.abort()
  const step = (id: string) => {
    const report = outcome.steps.find((each) => each.id === id)
    if (report === undefined) throw new Error(`no step '${id}'`)
    return report
  }
  return { outcome, calls, events, clock, step }
}

/** A tool that takes `ms` and then says what it was given. */
export function echo(ms = 0): Tool {
  return async (call, clock) => {
    if (ms > 0) await clock.sleep(ms, call.signal)
    return { content: [], structuredContent: call.arguments }
  }
}

export function text(content: string, isError = false): ToolOutcome {
  return { content: [{ type: 'text', text: content }], isError }
}
