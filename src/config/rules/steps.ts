import { isObject } from '../../core/json.ts'
import type { Finding } from '../diagnostics.ts'
import type { Place } from '../place.ts'
import { child, exists, numberAt, odd, textAt, wrong, wrongBlock } from '../place.ts'

type StepType = 'tool' | 'elicitation' | 'forEach'

const MAX_RETRIES = 10
const MAX_SCHEMA_BYTES = 100 * 1024
const MAX_SCHEMA_DEPTH = 10

const NEEDED: Readonly<Record<StepType, readonly string[]>> = {
  tool: ['tool'],
  elicitation: ['message', 'schema'],
  forEach: ['collection', 'step'],
}

/** Keys that only one type of step reads. */
const OWNERS: Readonly<Record<string, StepType>> = {
  tool: 'tool',
  arguments: 'tool',
  message: 'elicitation',
  schema: 'elicitation',
  onDecline: 'elicitation',
  onCancel: 'elicitation',
  collection: 'forEach',
  itemVar: 'forEach',
  maxParallel: 'forEach',
  maxIterations: 'forEach',
  step: 'forEach',
}

export function* checkStep(step: Place): Iterable<Finding> {
  if (!isObject(step.value)) return
  const type = typeOf(step)
  if (type === undefined) yield* untyped(step)
  else {
    for (const key of NEEDED[type]) {
      if (!exists(child(step, key)))
        yield wrong(child(step, key), `required: a step of type ${type} needs ${key}`)
    }
    yield* foreignKeys(step, type)
  }
  yield* onError(child(step, 'onError'))
  yield* elicitationSchema(child(step, 'schema'))
  yield* itemVar(child(step, 'itemVar'))
  yield* repeatedStep(child(step, 'step'))
}

/** What the step does; a step with a tool and no type is a tool step. */
function typeOf(step: Place): StepType | undefined {
  const written = child(step, 'type').value
  if (written === 'tool' || written === 'elicitation' || written === 'forEach') return written
  return written === undefined && exists(child(step, 'tool')) && !exists(child(step, 'message'))
    ? 'tool'
    : undefined
}

function* untyped(step: Place): Iterable<Finding> {
  if (exists(child(step, 'type'))) return
  const type = child(step, 'type')
  if (exists(child(step, 'tool'))) {
    yield wrong(type, 'ambiguous: the step has both tool and message', 'say type: tool or type: elicitation')
  } else {
    yield wrong(type, 'required: expected one of tool, elicitation, forEach')
  }
}

function* foreignKeys(step: Place, type: StepType): Iterable<Finding> {
  for (const [key, owner] of Object.entries(OWNERS)) {
    const place = child(step, key)
    if (owner === type || !exists(place)) continue
    yield { ...odd(place, `has no effect in a step of type ${type}; it is for ${owner}`), part: 'key' }
  }
}

function* onError(block: Place): Iterable<Finding> {
  const retries = child(block, 'retryCount')
  if (child(block, 'action').value !== 'retry') {
    if (exists(retries)) yield odd(retries, 'has no effect unless action is retry')
    return
  }
  const count = numberAt(retries) ?? 0
  if (count < 1) yield wrong(retries, 'action retry needs retryCount of at least 1')
  if (count > MAX_RETRIES) yield odd(retries, `at most ${MAX_RETRIES} retries are made`)
}

function* elicitationSchema(schema: Place): Iterable<Finding> {
  if (!isObject(schema.value)) return
  const bytes = Buffer.byteLength(JSON.stringify(schema.value))
  if (bytes > MAX_SCHEMA_BYTES)
    yield wrongBlock(schema, `the schema is larger than ${MAX_SCHEMA_BYTES} bytes`)
  if (depthOf(schema.value) > MAX_SCHEMA_DEPTH)
    yield wrongBlock(schema, `the schema is nested deeper than ${MAX_SCHEMA_DEPTH} levels`)
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Object.values(value).reduce<number>((deepest, member) => Math.max(deepest, depthOf(member)), 0)
}

function* itemVar(place: Place): Iterable<Finding> {
  const name = textAt(place)
  if (name === undefined) return
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    yield wrong(place, 'expected an identifier: letters, digits and _')
  if (name === 'index') yield wrong(place, 'index is the number of the iteration; choose another name')
}

function* repeatedStep(step: Place): Iterable<Finding> {
  if (!isObject(step.value)) return
  const tool = child(step, 'tool')
  if (!exists(tool)) yield wrong(tool, 'required: the repeated step needs tool')
  yield* onError(child(step, 'onError'))
  for (const key of ['dependsOn', 'message', 'schema', 'onDecline', 'onCancel']) {
    const place = child(step, key)
    if (exists(place)) yield { ...odd(place, 'has no effect in a repeated step'), part: 'key' }
  }
}
