import type { JsonObject } from '../../core/catalog.ts'
import { isObject } from '../../core/json.ts'
import { lookUp, type Reference } from '../../engines/template/index.ts'
import type { Finding } from '../diagnostics.ts'
import type { Place } from '../place.ts'
import { child, entries, exists, items, odd, textAt, wrong } from '../place.ts'
import { didYouMean } from '../similar.ts'
import { dataOf, referencesIn } from './scope.ts'
import { outputTemplates, positionIn, stepTemplates } from './templates.ts'

const ROOTS = ['params', 'steps', 'vars', 'workflow', 'forEach']
const OF_STEP = ['status', 'output', 'content', 'error', 'action', 'duration_ms']
const OF_WORKFLOW = ['id', 'duration_ms', 'step_count', 'status', 'start_time']

/** What the templates at one place can see. */
interface Scope {
  readonly tool: Place
  /** Ids of all steps, and of those that have surely ended. */
  readonly steps: ReadonlySet<string>
  readonly ended: ReadonlySet<string>
  /** Within a repeated step: the names under `.forEach`. */
  readonly loop: readonly string[] | undefined
  /** What is known of the data. */
  readonly data: JsonObject
  /** Paths that the step's condition looks at: what is missing there has been thought of. */
  readonly tested: ReadonlySet<string>
}

/** Templates of a composite tool refer to what is there when they are expanded. */
export function* references(tool: Place): Iterable<Finding> {
  const graph = graphOf(items(child(tool, 'steps')))
  const steps = new Set(graph.keys())
  const data = dataOf(tool)
  for (const step of items(child(tool, 'steps'))) {
    const ended = ancestors(textAt(child(step, 'id')) ?? '', graph)
    const tested = new Set(referencesIn(textAt(child(step, 'condition')) ?? '').map(keyOf))
    const scope = { tool, steps, ended, loop: undefined, data, tested }
    yield* referencesAt(stepTemplates(step), scope)
    if (!exists(child(step, 'step'))) continue
    const loop = [textAt(child(step, 'itemVar')) ?? 'item', 'index']
    yield* referencesAt(stepTemplates(child(step, 'step')), { ...scope, loop, data: dataOf(tool, step) })
  }
  yield* referencesAt(outputTemplates(child(tool, 'output')), {
    tool,
    steps,
    ended: steps,
    loop: undefined,
    data,
    tested: new Set(),
  })
}

type Graph = ReadonlyMap<string, readonly string[]>

function graphOf(steps: readonly Place[]): Graph {
  const edges = steps.map((step): [string, readonly string[]] => [
    textAt(child(step, 'id')) ?? '',
    items(child(step, 'dependsOn')).flatMap((place) => textAt(place) ?? []),
  ])
  return new Map(edges)
}

function ancestors(id: string, graph: Graph): ReadonlySet<string> {
  const found = new Set(graph.get(id))
  for (const each of found) for (const further of graph.get(each) ?? []) found.add(further)
  return found
}

function* referencesAt(places: Iterable<Place>, scope: Scope): Iterable<Finding> {
  for (const place of places) {
    const text = textAt(place) ?? ''
    const found = referencesIn(text)
    const tested = new Set([...scope.tested, ...found.filter(({ inCondition }) => inCondition).map(keyOf)])
    for (const reference of found) {
      const finding =
        judge(reference, place, scope) ??
        absent(reference, place, scope) ??
        optional(reference, place, { ...scope, tested })
      if (finding !== undefined)
        yield { ...finding, message: `${finding.message}${positionIn(text, reference)}` }
    }
  }
}

function judge({ path }: Reference, place: Place, scope: Scope): Finding | undefined {
  const [root = '', name, member] = path
  switch (root) {
    case 'params':
      return name === undefined ? undefined : parameter(name, place, scope)
    case 'steps':
      return name === undefined
        ? undefined
        : (stepNamed(name, place, scope) ?? unknown(place, '', member, OF_STEP))
    case 'workflow':
      return unknown(place, 'workflow', name, OF_WORKFLOW)
    case 'forEach':
      if (scope.loop === undefined)
        return wrong(place, '.forEach is only known in the repeated step of a forEach')
      return unknown(place, 'forEach', name, scope.loop)
    case 'vars':
      return undefined
    default:
      return wrong(
        place,
        `there is no .${root}`,
        didYouMean(root, ROOTS) ?? `templates know .${ROOTS.join(', .')}`,
      )
  }
}

function keyOf({ path }: Pick<Reference, 'path'>): string {
  return path.join('.')
}

/** What callers may leave out, where that is an error. */
function optional(
  { path, inDefault }: Reference,
  place: Place,
  { tool, tested }: Scope,
): Finding | undefined {
  const [root, name] = path
  const isOutput = place.path.includes('output') && !place.path.includes('steps')
  if (root !== 'params' || name === undefined || inDefault || isOutput || tested.has(`params.${name}`))
    return undefined
  const parameters = child(tool, 'parameters')
  const isRequired = items(child(parameters, 'required')).some(({ value }) => value === name)
  const property = child(parameters, 'properties', name)
  if (isRequired || !exists(property) || exists(child(property, 'default'))) return undefined
  return odd(
    place,
    `callers may leave out ${JSON.stringify(name)}, and then .params.${name} is missing, which is an error`,
    `give it a default, add it to required, or write default "…" .params.${name}`,
  )
}

/** What is never there, by what is known of the data. */
function absent({ path, inDefault }: Reference, place: Place, { data }: Scope): Finding | undefined {
  const looked = lookUp(path, data)
  if (looked.found !== undefined || inDefault || looked.at.length === 0) return undefined
  const { at, key, names } = looked
  const has = names.length === 0 ? undefined : `it has ${names.join(', ')}`
  return wrong(place, `.${at.join('.')} has no ${key}`, didYouMean(key, names) ?? has)
}

function unknown(
  place: Place,
  root: string,
  name: string | undefined,
  names: readonly string[],
): Finding | undefined {
  if (name === undefined || names.includes(name)) return undefined
  const of = root === '' ? 'a step' : `.${root}`
  return wrong(place, `${of} has no ${name}`, didYouMean(name, names) ?? `it has ${names.join(', ')}`)
}

function stepNamed(id: string, place: Place, { steps, ended }: Scope): Finding | undefined {
  if (!steps.has(id)) return wrong(place, `there is no step ${JSON.stringify(id)}`, didYouMean(id, steps))
  if (ended.has(id)) return undefined
  return wrong(place, `the step ${JSON.stringify(id)} may not have run by then`, `add ${id} to dependsOn`)
}

/** JSON Schema lets further arguments pass, but no model would know of them. */
function parameter(name: string, place: Place, { tool }: Scope): Finding | undefined {
  const parameters = child(tool, 'parameters')
  const properties = child(parameters, 'properties')
  const known = entries(properties).map(([key]) => key)
  if (known.includes(name) || (exists(properties) && !isObject(properties.value))) return undefined
  if (exists(child(parameters, 'additionalProperties'))) return undefined
  return odd(place, `parameters do not name ${JSON.stringify(name)}`, didYouMean(name, known))
}
