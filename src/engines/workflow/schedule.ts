import type { Step } from './model.ts'
import type { Plan } from './plan.ts'

export interface Schedule {
  readonly plan: Plan
  readonly maxParallel: number
  /** Must not reject for anything that may happen to a step. */
  start(step: Step): Promise<void>
  /** Whether no further step may start. */
  halted(): boolean
}

/**
 * Starts every step the moment its dependencies have ended, at most `maxParallel` at once, in the order of
 * declaration where several may start. Resolves when nothing runs and nothing more will.
 */
export function walk({ plan, maxParallel, start, halted }: Schedule): Promise<void> {
  const missing = new Map(plan.steps.map((step) => [step.id, plan.dependencies.get(step.id)?.length ?? 0]))
  const unstarted = new Set(plan.steps)
  let running = 0
  return new Promise((resolve, reject) => {
    const release = (id: string) => {
      running--
      for (const next of plan.dependents.get(id) ?? []) missing.set(next, (missing.get(next) ?? 0) - 1)
      advance()
    }
    const advance = () => {
      for (const step of unstarted) {
        if (running >= Math.max(1, maxParallel) || halted()) break
        if (missing.get(step.id) !== 0) continue
        unstarted.delete(step)
        running++
        start(step).then(() => release(step.id), reject)
      }
      if (running === 0) resolve()
    }
    advance()
  })
}
