import type { Outline } from '../../workflows/outline.ts'
import { labelOf } from './labels.ts'

/** The steps as lines, for where a picture has no room. */
export function listing({ steps, waves }: Outline): string {
  const byId = new Map(steps.map((step) => [step.id, step]))
  return waves
    .flatMap((ids, at) => [
      `${at + 1}.`,
      ...ids.flatMap((id) => {
        const step = byId.get(id)
        if (step === undefined) return []
        const [name = '', ...more] = labelOf(step)
        const after = step.dependsOn.length === 0 ? [] : [`after ${step.dependsOn.join(', ')}`]
        return [`   ${name}`, ...[...more, ...after].map((line) => `     ${line}`)]
      }),
    ])
    .join('\n')
}
