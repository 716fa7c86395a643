import type { JsonObject } from '../../core/catalog.ts'
import { GatewayError } from '../../core/errors.ts'
import { attemptWithin } from './attempt.ts'
import { scoped } from './cancel.ts'
import { kindOf, shorten } from './json.ts'
import { LIMITS } from './limits.ts'
import type { ForEachStep } from './model.ts'
import { iterationData } from './scope.ts'
import { authored, expand, holds, type StepContext, type StepEnd, type StepResult } from './step-context.ts'
import { callStep } from './tool-step.ts'

interface Iteration {
  readonly index: number
  readonly item: unknown
  readonly status: 'completed' | 'failed' | 'skipped' | 'cancelled'
  readonly output: JsonObject | null
  readonly error?: string
}

/** Runs the inner step for each item, several at once. Unless `onError` is `continue`, a failed item ends it. */
export async function forEachStep(step: ForEachStep, context: StepContext): Promise<StepResult> {
  const items = collectionOf(step, context)
  const loop: Loop = { step, count: items.length, iterations: [], errors: [] }
  await scoped(context.signal, (control) =>
    inParallel(items.length, parallelism(step), async (index) => {
      if (control.signal.aborted) return
      await iterate(loop, { item: items[index], index }, { ...context, signal: control.signal })
      if (loop.errors[index] === undefined || step.onError.action === 'continue') return
      control.abort(new GatewayError('cancelled', 'another item failed'))
    }),
  )
  return resultOf(loop, context)
}

interface Loop {
  readonly step: ForEachStep
  readonly count: number
  /** Both by index, with holes. */
  readonly iterations: Iteration[]
  readonly errors: GatewayError[]
}

function resultOf(loop: Loop, context: StepContext): StepResult {
  const output = summary(loop)
  if (context.signal.aborted) {
    return { kind: 'failed', error: GatewayError.from(context.signal.reason), partial: output }
  }
  const index = loop.errors.findIndex((error) => error !== undefined)
  const error = loop.errors[index]
  if (error === undefined || loop.step.onError.action === 'continue') return { kind: 'done', output }
  const named = new GatewayError(error.code, `item ${index}: ${error.message}`, { cause: error })
  return { kind: 'failed', error: named, partial: output }
}

function parallelism(step: ForEachStep): number {
  return Math.max(1, Math.min(step.maxParallel, LIMITS.parallelIterations))
}

function collectionOf(step: ForEachStep, context: StepContext): readonly unknown[] {
  const value = expand(step.collection, 'collection', context)
  const items = typeof value === 'string' ? parseItems(value) : value
  if (!Array.isArray(items)) {
    throw new GatewayError('config', `collection: expected an array or its JSON text, got ${kindOf(items)}`)
  }
  const most = Math.min(step.maxIterations, LIMITS.iterations)
  if (items.length <= most) return items
  throw new GatewayError('config', `collection: ${items.length} items, maxIterations allows ${most}`)
}

function parseItems(text: string): unknown {
  if (text.length > LIMITS.jsonCharacters) throw new GatewayError('config', 'collection: too long a text')
  return authored('collection: expected an array or its JSON text', () => JSON.parse(text))
}

interface Entry {
  readonly item: unknown
  readonly index: number
}

type ItemEnd = StepEnd | { readonly kind: 'skipped' }

async function iterate(loop: Loop, entry: Entry, context: StepContext): Promise<void> {
  const data = iterationData(context.data, loop.step.itemVar, entry)
  const end = await runInner(loop.step, { ...context, data, iteration: entry.index })
  const iteration = recordOf(entry, end, { step: loop.step, cancelled: context.signal.aborted })
  loop.iterations[entry.index] = iteration
  if (iteration.status === 'failed' && 'error' in end) loop.errors[entry.index] = end.error
  const { index, status } = iteration
  context.report({ type: 'step_iteration', index, count: loop.count, status })
}

async function runInner({ id, step }: ForEachStep, context: StepContext): Promise<ItemEnd> {
  try {
    if (!holds(step.condition, context)) return { kind: 'skipped' }
  } catch (error) {
    return { kind: 'failed', error: GatewayError.from(error), attempts: 0 }
  }
  return attemptWithin(step, (each) => callStep(id, step, each), context)
}

function recordOf(entry: Entry, end: ItemEnd, facts: { step: ForEachStep; cancelled: boolean }): Iteration {
  const defaults = facts.step.step.defaultResults ?? null
  if (end.kind === 'done') return { ...entry, status: 'completed', output: end.output }
  if (end.kind === 'skipped') return { ...entry, status: 'skipped', output: defaults }
  if (facts.cancelled) return { ...entry, status: 'cancelled', output: null }
  return { ...entry, status: 'failed', output: defaults, error: shorten(end.error.message) }
}

function summary({ count, iterations }: Loop): JsonObject {
  const done = iterations.filter((iteration) => iteration !== undefined)
  const having = (status: Iteration['status']) => done.filter((each) => each.status === status).length
  return { iterations: done, count, completed: having('completed'), failed: having('failed') }
}

/** `limit` lanes take the next index each, in order. */
async function inParallel(
  count: number,
  limit: number,
  body: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0
  const lane = async () => {
    while (next < count) await body(next++)
  }
  await Promise.all(Array.from({ length: Math.min(limit, count) }, lane))
}
