import { ACTIONS, type Action, RESOURCE_TYPES } from '../../core/authorization.ts'
import { isObject } from '../../core/json.ts'
import {
  type PolicyAst,
  type ReadPolicy,
  readPolicies,
  type ScopeAst,
  unsupportedIn,
} from '../../engines/policy/index.ts'
import { didYouMean } from '../similar.ts'

/** Something that is wrong with a text of policies. */
export interface PolicyFault {
  readonly message: string
  readonly hint?: string | undefined
  /** In the text; `undefined` where it is about the whole. */
  readonly offset: number | undefined
}

/** What policies may speak of. */
export interface Vocabulary {
  readonly groupType: string
  /** Of the entities of the configuration, and of what they are in. */
  readonly types: ReadonlySet<string>
  /** Groups of actions, by id. */
  readonly actionGroups: ReadonlySet<string>
}

type Found = Omit<PolicyFault, 'offset'> & { readonly about: string }

/** Names that ToolHive's own documents and the protocol use for the same things. */
const MEANT: Readonly<Record<string, string>> = {
  'tools/call': 'call_tool',
  'prompts/get': 'get_prompt',
  'resources/read': 'read_resource',
}

const ITEMS: readonly string[] = Object.values(RESOURCE_TYPES)
const PLACES: readonly string[] = ['MCP', 'Backend']

/** What Cedar cannot read, and policies that could never apply. */
export function* policyFaults(text: string, vocabulary: Vocabulary): Iterable<PolicyFault> {
  const reading = readPolicies(text)
  if (!reading.ok) {
    yield* reading.faults
    return
  }
  for (const policy of reading.policies) {
    const unsupported = unsupportedIn(policy.ast)
    if (unsupported !== undefined) {
      yield { message: `not a policy that can be judged: ${unsupported}`, offset: policy.offset }
      continue
    }
    const seen = new Set<string>()
    for (const { about, ...fault } of judge(policy.ast, vocabulary)) {
      if (seen.has(fault.message)) continue
      seen.add(fault.message)
      yield { ...fault, offset: offsetOf(about, policy) }
    }
  }
}

function offsetOf(about: string, { text, offset }: ReadPolicy): number {
  return offset + Math.max(0, text.indexOf(about))
}

function* judge(ast: PolicyAst, vocabulary: Vocabulary): Iterable<Found> {
  const faults = [...unknownActions(ast, vocabulary), ...unknownTypes(ast, vocabulary)]
  yield* faults
  if (faults.length > 0) return
  yield* impossiblePrincipal(ast.principal, vocabulary)
  yield* impossibleResource(ast, vocabulary)
}

function* unknownActions(ast: PolicyAst, { actionGroups }: Vocabulary): Iterable<Found> {
  for (const { type, id } of entitiesIn(ast)) {
    if (!isActionType(type) || (type === 'Action' && (isAction(id) || actionGroups.has(id)))) continue
    const meant = MEANT[id]
    yield {
      message:
        type === 'Action'
          ? `there is no action ${JSON.stringify(id)}; known are ${ACTIONS.join(', ')}`
          : `there are no actions of type ${type}; they are of type Action`,
      hint: meant === undefined ? didYouMean(id, ACTIONS) : `did you mean ${meant}?`,
      about: JSON.stringify(id),
    }
  }
}

function isAction(id: string): id is Action {
  return (ACTIONS as readonly string[]).includes(id)
}

function isActionType(type: string): boolean {
  return type === 'Action' || type.endsWith('::Action')
}

function* unknownTypes(ast: PolicyAst, { groupType, types }: Vocabulary): Iterable<Found> {
  const known = new Set(['Client', groupType, ...ITEMS, ...PLACES, 'Action', ...types])
  for (const type of typesIn(ast)) {
    if (known.has(type) || isActionType(type)) continue
    yield {
      message: `there is no entity type ${type}; known are ${[...known].join(', ')}`,
      hint: didYouMean(type, [...known]),
      about: type,
    }
  }
}

function* impossiblePrincipal(scope: ScopeAst, { groupType, types }: Vocabulary): Iterable<Found> {
  const { is, within } = typesOf(scope)
  if (is !== undefined && is !== 'Client') yield never(`principals are of type Client, not ${is}`, is)
  const above = new Set(['Client', groupType, ...types])
  for (const type of within)
    if (!above.has(type)) yield never(`no principal is in a ${type}; groups are of type ${groupType}`, type)
}

function* impossibleResource(ast: PolicyAst, { types }: Vocabulary): Iterable<Found> {
  const { is, within } = typesOf(ast.resource)
  const actions = actionsOf(ast.action)
  const wanted = actions.map((action) => RESOURCE_TYPES[action])
  if (is !== undefined && !wanted.includes(is)) {
    const of = actions.length === ACTIONS.length ? 'all actions' : actions.join(', ')
    yield never(`the resource of ${of} is of type ${wanted.join(' or ')}, not ${is}`, is)
  }
  const above = new Set([...wanted, ...PLACES, ...types])
  for (const type of within)
    if (!above.has(type)) yield never(`no ${wanted.join(' or ')} is in a ${type}`, type)
}

/** All where it names a group of them. */
function actionsOf({ op, entity, entities = [] }: ScopeAst): readonly Action[] {
  const ids = (entity === undefined ? entities : [entity]).map(({ id }) => id)
  return op === 'All' || !ids.every(isAction) ? ACTIONS : ids
}

function typesOf({ op, entity, entity_type: is, in: inside }: ScopeAst): {
  is?: string | undefined
  within: string[]
} {
  if (op === '==') return { is: entity?.type, within: [] }
  const within = op === 'in' ? entity?.type : inside?.entity.type
  return { is, within: within === undefined ? [] : [within] }
}

function never(message: string, about: string): Found {
  return { message: `the policy can never apply: ${message}`, about }
}

/** The names of all entities, in the scope and in conditions. */
function entitiesIn(json: unknown): { type: string; id: string }[] {
  if (Array.isArray(json)) return json.flatMap(entitiesIn)
  if (!isObject(json)) return []
  const { type, id } = json
  if (typeof id === 'string' && typeof type === 'string') return [{ type, id }]
  return Object.values(json).flatMap(entitiesIn)
}

function typesIn(json: unknown): string[] {
  if (Array.isArray(json)) return json.flatMap(typesIn)
  if (!isObject(json)) return []
  const { type, id, entity_type: tested } = json
  if (typeof id === 'string' && typeof type === 'string') return [type]
  const own = typeof tested === 'string' ? [tested] : []
  return [...own, ...Object.values(json).flatMap(typesIn)]
}
