import type { Exchange } from '../../core/call.ts'
import { RawObject } from '../../core/raw.ts'
import type { RunEvent } from '../../engines/workflow/index.ts'

type StepEvent = Extract<RunEvent, { readonly step: string }>

/** Of one loop, its items are told in this many portions at most. */
const PORTIONS = 100

/**
 * Tells the client of each step that begins and ends. A step counts half when it begins and half when it ends,
 * the items of a loop in between, so that the number grows with each telling and reaches the number of steps
 * (MCP 2025-11-25, basic/utilities/progress).
 */
export function progressTo(exchange: Exchange): (event: RunEvent) => void {
  const begun = new Map<string, number>()
  const items = new Map<string, number>()
  return (event) => {
    if (!('step' in event)) return
    const { step, total, done } = event
    if (!begun.has(step)) begun.set(step, begun.size + 1)
    const words = event.type === 'step_iteration' ? itemWords(event, items) : WORDS[event.type]
    if (words === undefined) return
    if (event.type !== 'step_iteration') items.delete(step)
    const progress = (done + begun.size) / 2 + [...items.values()].reduce((sum, part) => sum + part / 2, 0)
    const message = `step ${begun.get(step)} of ${total}: ${step}${words}`
    exchange.progress(RawObject.of({ progress, total, message }))
  }
}

const WORDS: Readonly<Partial<Record<StepEvent['type'], string>>> = {
  step_started: '',
  step_completed: ' completed',
  step_failed: ' failed',
  step_skipped: ' skipped',
}

/** Nothing where it would not be worth a message. Notes in `items` which part of the loop is done. */
function itemWords(
  { step, count }: Extract<StepEvent, { type: 'step_iteration' }>,
  items: Map<string, number>,
): string | undefined {
  const before = items.get(step) ?? 0
  const now = before + 1 / (count + 1)
  items.set(step, now)
  const portions = Math.min(count, PORTIONS)
  if (Math.floor(now * portions + 1e-9) === Math.floor(before * portions + 1e-9)) return undefined
  return `, ${Math.round(now * (count + 1))} of ${count} items`
}
