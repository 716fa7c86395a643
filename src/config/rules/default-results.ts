import type { Reference } from '../../engines/template/index.ts'
import type { Finding } from '../diagnostics.ts'
import { formatPath } from '../path.ts'
import type { Place } from '../place.ts'
import { child, exists, odd, textAt, wrongBlock } from '../place.ts'
import { maySkip, referencesIn } from './scope.ts'
import { outputTemplates, positionIn, stepTemplates } from './templates.ts'

interface Use {
  readonly of: Reference
  readonly text: string
  readonly by: Place
}

/** What a step that may be skipped, or be refused, is read for must be there in that case too. */
export function* defaultResults(tool: Place, steps: readonly Place[]): Iterable<Finding> {
  const byId = new Map(steps.map((step) => [textAt(child(step, 'id')), step]))
  const reported = new Set<string>()
  const uses = [...usesIn(tool, steps)]
  // What is an error is to be told as one.
  const inOrder = uses.toSorted((a, b) => Number(isDeep(a.by, steps)) - Number(isDeep(b.by, steps)))
  for (const use of inOrder) {
    const [root, id = '', part, field] = use.of.path
    const step = root === 'steps' ? byId.get(id) : undefined
    if (step === undefined || part === undefined || isOwn(step, use.by)) continue
    if (part === 'output' && field !== undefined && maySkip(step)) {
      const place = child(step, 'defaultResults')
      const known = `${id}.${field}`
      if (exists(child(place, field)) || reported.has(known)) continue
      reported.add(known)
      yield missing(place, { step: id, field, by: use.by }, isDeep(use.by, steps))
    } else if (!isTested(use, steps)) yield* unanswered(step, use)
  }
}

function missing(
  place: Place,
  { step, field, by }: { readonly step: string; readonly field: string; readonly by: Place },
  deep: boolean,
): Finding {
  const why = `step "${step}" may be skipped and field "${field}" is referenced by ${formatPath(by.path)}`
  const finding = wrongBlock(place, `defaultResults[${field}] is required: ${why}`)
  return deep ? { ...finding, severity: 'warning' } : finding
}

/** Places that vMCP does not look into, so that files which it takes are not refused. */
function isDeep(by: Place, steps: readonly Place[]): boolean {
  const step = steps.find((one) => isOwn(one, by))
  if (step === undefined) return false
  const [key, ...further] = by.path.slice(step.path.length)
  return key === 'collection' || key === 'step' || further.length > 1
}

/** Content that is there only where the step ran, or the user accepted. */
function* unanswered(step: Place, { of, text, by }: Use): Iterable<Finding> {
  const [, id, part, field, name] = of.path
  const isContent = part === 'content' ? field !== undefined : field === 'content' && name !== undefined
  if (!isContent) return
  const reason = maySkip(step) ? 'may be skipped' : refusal(step)
  if (reason === undefined) return
  const message = `the step ${JSON.stringify(id)} ${reason}, and then .${of.path.join('.')} is missing, which is an error`
  yield odd(
    by,
    `${message}${positionIn(text, of)}`,
    `write default "…" .${of.path.join('.')}, or give a condition`,
  )
}

/** Whether the same text, or the condition of the step, looks at how the other step ended. */
function isTested({ of, text, by }: Use, steps: readonly Place[]): boolean {
  const step = steps.find((one) => isOwn(one, by))
  const condition = step === undefined ? '' : (textAt(child(step, 'condition')) ?? '')
  const tests = [...referencesIn(text).filter(({ inCondition }) => inCondition), ...referencesIn(condition)]
  return of.inCondition || tests.some(({ path }) => path[0] === 'steps' && path[1] === of.path[1])
}

function refusal(step: Place): string | undefined {
  for (const key of ['onDecline', 'onCancel'])
    if (child(step, key, 'action').value === 'continue') return `goes on when it is refused (${key})`
  return undefined
}

function isOwn(step: Place, by: Place): boolean {
  return step.path.join() === by.path.slice(0, step.path.length).join()
}

function* usesIn(tool: Place, steps: readonly Place[]): Iterable<Use> {
  for (const by of places(tool, steps)) {
    const text = textAt(by) ?? ''
    for (const of of referencesIn(text)) if (!of.inDefault) yield { of, text, by }
  }
}

function* places(tool: Place, steps: readonly Place[]): Iterable<Place> {
  for (const step of steps) {
    yield* stepTemplates(step)
    yield* stepTemplates(child(step, 'step'))
  }
  yield* outputTemplates(child(tool, 'output'))
}
