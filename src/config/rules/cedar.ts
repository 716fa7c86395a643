import { createRequire } from 'node:module'
import type { DetailedError, EntitiesParsingCall } from '@cedar-policy/cedar-wasm/nodejs'
import type { Finding } from '../diagnostics.ts'
import type { Place } from '../place.ts'
import { child, exists, items, textAt, wrong } from '../place.ts'
import { isRecord } from '../schema/shape.ts'
import { didYouMean } from '../similar.ts'

type Cedar = typeof import('@cedar-policy/cedar-wasm/nodejs')

const ACTIONS = ['call_tool', 'get_prompt', 'read_resource'] as const

const MAX_NESTING = 100

/** Names that ToolHive's own documents and the protocol use for the same things. */
const MEANT: Readonly<Record<string, string>> = {
  'tools/call': 'call_tool',
  'prompts/get': 'get_prompt',
  'resources/read': 'read_resource',
}

/** Reads every policy with the engine that will judge by it. The engine is loaded only when there is one. */
export function* cedarPolicies(root: Place): Iterable<Finding> {
  const authz = child(root, 'incomingAuth', 'authz')
  const policies = items(child(authz, 'policies')).filter((policy) => textAt(policy) !== undefined)
  const entities = child(authz, 'entitiesJson')
  if (policies.length === 0 && !exists(entities)) return
  const cedar: Cedar = createRequire(import.meta.url)('@cedar-policy/cedar-wasm/nodejs')
  for (const policy of policies) yield* checkPolicy(cedar, policy)
  if (exists(entities)) yield* checkEntities(cedar, entities)
}

/** The engine recurses, and does not survive the end of its stack. */
function* checkPolicy(cedar: Cedar, place: Place): Iterable<Finding> {
  const text = textAt(place) ?? ''
  if (nestingOf(text) > MAX_NESTING) {
    yield wrong(place, `nested deeper than ${MAX_NESTING} levels`)
    return
  }
  try {
    yield* judgePolicy(cedar, text, place)
  } catch {
    yield wrong(place, 'the Cedar engine cannot read this policy')
  }
}

function nestingOf(text: string): number {
  let depth = 0
  let deepest = 0
  for (const character of text) {
    if ('([{'.includes(character)) deepest = Math.max(deepest, ++depth)
    else if (')]}'.includes(character)) depth--
  }
  return deepest
}

function* judgePolicy(cedar: Cedar, text: string, place: Place): Iterable<Finding> {
  const answer = cedar.policySetTextToParts(text)
  if (answer.type === 'failure') {
    for (const error of answer.errors)
      yield wrong(place, `not a Cedar policy: ${describe(error, text)}`, expected(error))
    return
  }
  if (answer.policies.length + answer.policy_templates.length === 0)
    yield wrong(place, 'holds no Cedar policy')
  for (const _ of answer.policy_templates)
    yield wrong(place, 'policy templates (?principal, ?resource) are not supported')
  for (const policy of answer.policies) yield* checkActions(cedar, policy, place)
}

function* checkActions(cedar: Cedar, policy: string, place: Place): Iterable<Finding> {
  const parsed = cedar.policyToJson(policy)
  if (parsed.type !== 'success') return
  const unknown = new Set(actionsIn(parsed.json).filter((action) => !isKnown(action)))
  for (const action of unknown) {
    const hint = MEANT[action] === undefined ? didYouMean(action, ACTIONS) : `did you mean ${MEANT[action]}?`
    yield wrong(place, `there is no action ${JSON.stringify(action)}; known are ${ACTIONS.join(', ')}`, hint)
  }
}

function isKnown(action: string): boolean {
  return (ACTIONS as readonly string[]).includes(action)
}

/** The ids of all action entities, in the scope and in conditions. */
function actionsIn(json: unknown): string[] {
  if (Array.isArray(json)) return json.flatMap(actionsIn)
  if (!isRecord(json)) return []
  if (typeof json['id'] === 'string' && isActionType(json['type'])) return [json['id']]
  return Object.values(json).flatMap(actionsIn)
}

function isActionType(type: unknown): boolean {
  return typeof type === 'string' && (type === 'Action' || type.endsWith('::Action'))
}

function* checkEntities(cedar: Cedar, place: Place): Iterable<Finding> {
  const text = textAt(place)
  if (text === undefined) return
  if (nestingOf(text) > MAX_NESTING) {
    yield wrong(place, `nested deeper than ${MAX_NESTING} levels`)
    return
  }
  let entities: unknown
  try {
    entities = JSON.parse(text)
  } catch {
    yield wrong(place, 'expected JSON')
    return
  }
  if (!Array.isArray(entities)) yield wrong(place, 'expected a JSON list of entities')
  else {
    const answer = cedar.checkParseEntities({ entities, schema: null } as EntitiesParsingCall)
    if (answer.type === 'failure') yield wrong(place, `not Cedar entities: ${answer.errors[0]?.message}`)
  }
}

function describe(error: DetailedError, text: string): string {
  const [location] = error.sourceLocations ?? []
  if (location === undefined) return error.message
  const before = Buffer.from(text).subarray(0, location.start).toString().split('\n')
  return `${error.message} (line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1} of the policy)`
}

function expected(error: DetailedError): string | undefined {
  return error.sourceLocations?.[0]?.label ?? error.help ?? undefined
}
