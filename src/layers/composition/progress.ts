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
 * @param earlier steps that had ended before the run was resumed
 */
export function progressTo(exchange: Exchange, earlier: Iterable<string>): (event: RunEvent) => void {
  const begun = new Map([...earlier].map((step, at) => [step, at + 1]))
  const loops = new Map<string, Loop>()
  return (event) => {
    if (!('step' in event)) return
    const { step, total, done } = event
    if (!begun.has(step)) begun.set(step, begun.size + 1)
    const words = event.type === 'step_iteration' ? itemWords(event, loops) : WORDS[event.type]
    if (words === undefined) return
    if (event.type !== 'step_iteration') loops.delete(step)
    const parts = [...loops.values()].reduce((sum, loop) => sum + loop.ended / (loop.count + 1), 0)
    const message = `step ${begun.get(step)} of ${total}: ${step}${words}`
    const params = RawObject.of({ progress: (done + begun.size + parts) / 2, total, message })
    exchange.notify({ method: 'notifications/progress', params })
  }
}

interface Loop {
  readonly ended: number
  readonly count: number
}

const WORDS: Readonly<Partial<Record<StepEvent['type'], string>>> = {
  step_started: '',
  step_completed: ' completed',
  step_failed: ' failed',
  step_skipped: ' skipped',
}

/** Nothing where it would not be worth a message. Notes in `loops` how far the loop is. */
function itemWords(
  { step, count }: Extract<StepEvent, { type: 'step_iteration' }>,
  loops: Map<string, Loop>,
): string | undefined {
  const ended = (loops.get(step)?.ended ?? 0) + 1
  loops.set(step, { ended, count })
  const portion = (items: number) => Math.floor((items * Math.min(count, PORTIONS)) / count)
  return portion(ended) === portion(ended - 1) ? undefined : `, ${ended} of ${count} items`
}
