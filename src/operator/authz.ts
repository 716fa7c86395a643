import { templateMatcher } from '../catalog/index.ts'
import type { AuthorizationConfig } from '../core/authorization.ts'
import type { Call } from '../core/call.ts'
import { ANONYMOUS_CALLER, type Caller, type Principal } from '../core/caller.ts'
import type { Item, JsonObject } from '../core/catalog.ts'
import { COMPOSITE } from '../core/composite.ts'
import type { GatewayConfig } from '../core/config.ts'
import { GatewayError } from '../core/errors.ts'
import { RawObject } from '../core/raw.ts'
import { type Decision, type Explanation, type Policy, printRef } from '../engines/policy/index.ts'
import { Authorizer, HINTS } from '../layers/admission/index.ts'
import type { Running } from '../running.ts'

export interface AuthzQuestion {
  readonly kind: 'tool' | 'prompt' | 'resource'
  /** As clients see it, or the URI. */
  readonly name: string
  /** JSON text of an object. */
  readonly args: string
  readonly principal: Principal
  /** Of the tool; `undefined` where they are not known. */
  readonly annotations: JsonObject | undefined
  /** Where it comes from; any of the configuration where it is not said. */
  readonly backend: string | undefined
}

/** A policy as people find it. */
export interface PolicyRef {
  readonly effect: 'permit' | 'forbid'
  /** As `PolicyText.place`. */
  readonly place: string
  readonly text: string
  /** In what stands at the place. */
  readonly offset: number
}

export interface AuthzAnswer {
  /** `maybe`: it depends on what is not known here. */
  readonly decision: Decision
  /** Whether lists hold it, since some call may be allowed. */
  readonly listed: Decision
  readonly principal: string
  readonly action: string
  readonly resource: string
  /** Those that apply. */
  readonly applied: readonly PolicyRef[]
  readonly errors: readonly (PolicyRef & { readonly message: string })[]
  /** Those of which it depends on what is not known whether they apply. */
  readonly open: readonly PolicyRef[]
  /** Each backend's decision, where it depends on the one that it comes from. */
  readonly byBackend: Readonly<Record<string, Decision>> | undefined
  /** Whether clients get it at no time, whatever policies say. */
  readonly hidden: boolean
}

/** Decides with nothing running, as far as it can be. @throws GatewayError `config` */
export function decideOffline(config: GatewayConfig, question: AuthzQuestion): AuthzAnswer {
  const items = backendsOf(config, question).flatMap((backend) => itemsOf(question, backend))
  return answerOf(config, question, items)
}

/** Decides about what the backends really offer. @throws GatewayError `config`, `not_found` */
export async function decideConnected(
  { config, catalog, router }: Running,
  question: AuthzQuestion,
  signal: AbortSignal,
): Promise<AuthzAnswer> {
  const { name } = question
  const composite = catalog.tools.find((tool) => tool.name === name && tool.origin.backend === COMPOSITE)
  const isComposite = question.kind === 'tool' && composite !== undefined
  const caller: Caller = { ...ANONYMOUS_CALLER, principal: question.principal }
  const found = isComposite ? composite : (await router.resolve(caller, callOf(question), signal)).item
  const { annotations } = question
  return answerOf(config, question, [annotations === undefined ? found : annotated(found, annotations)])
}

/** Where it may come from; nowhere that is known where the configuration names no backend. */
function backendsOf({ backends, compositeTools = [] }: GatewayConfig, question: AuthzQuestion): string[] {
  const { kind, name, backend } = question
  if (kind === 'tool' && compositeTools.some((tool) => tool.name === name)) return [COMPOSITE]
  if (backend !== undefined) return [backend]
  return backends.length === 0 ? [''] : backends.map((it) => it.name)
}

/** What it may be there: with every combination of annotations where nobody has said which it has. */
function itemsOf({ kind, name, annotations }: AuthzQuestion, backend: string): Item[] {
  const base = { origin: { backend, name }, hidden: false }
  if (kind === 'resource') return [{ ...base, kind, uri: name, definition: {} }]
  const isKnown = kind === 'prompt' || backend === COMPOSITE || annotations !== undefined
  const possible = isKnown ? [annotations ?? {}] : combinations(HINTS)
  return possible.map((some) => ({ ...base, kind, name, definition: { annotations: some } }))
}

function combinations([hint, ...others]: readonly string[]): JsonObject[] {
  if (hint === undefined) return [{}]
  return combinations(others).flatMap((rest) => [rest, { ...rest, [hint]: true }, { ...rest, [hint]: false }])
}

function annotated(item: Item, annotations: JsonObject): Item {
  return { ...item, definition: { ...item.definition, annotations } }
}

function callOf({ kind, name, args }: AuthzQuestion): Call {
  if (kind === 'resource') return { kind, uri: name, params: RawObject.of({ uri: name }) }
  const params = RawObject.scan(Buffer.from(`{"name":${JSON.stringify(name)},"arguments":${args}}`))
  return { kind, name, params }
}

interface Judged {
  readonly backend: string
  readonly call: ReturnType<Authorizer['explain']>
  readonly isListed: boolean
}

/** @param items all that it may be */
function answerOf(config: GatewayConfig, question: AuthzQuestion, items: readonly Item[]): AuthzAnswer {
  const matches = templateMatcher()
  const authorizer = new Authorizer(authorizationOf(config), { server: config.name, matches })
  const judged = items.map(
    (item): Judged => ({
      backend: item.origin.backend,
      call: authorizer.explain(item, question.principal, callOf(question)),
      isListed: authorizer.allows(item, question.principal, undefined),
    }),
  )
  const [first] = judged as [Judged, ...Judged[]]
  return {
    decision: common(judged.map(({ call }) => call.decision)),
    listed: common(judged.map(({ isListed }) => (isListed ? 'allow' : 'deny'))),
    principal: printRef(first.call.principal),
    action: first.call.action.id,
    resource: `${first.call.resource.type}::${JSON.stringify(question.name)}`,
    ...policiesOf(judged.map(({ call }) => call)),
    byBackend: decisionsOf(judged),
    hidden: items.every(({ hidden }) => hidden),
  }
}

/** What is so in every case is known, and the rest is open. */
function policiesOf(all: readonly Explanation[]): Pick<AuthzAnswer, 'applied' | 'errors' | 'open'> {
  const open = new Set(all.flatMap((it) => it.open))
  const applied = sharedBy(
    all.map((it) => it.applied),
    open,
  )
  const failing = sharedBy(
    all.map((it) => it.errors.map(({ policy }) => policy)),
    open,
  )
  const messages = new Map(all.flatMap((it) => it.errors).map(({ policy, message }) => [policy, message]))
  return {
    applied: applied.map(refOf),
    errors: failing.map((policy) => ({ ...refOf(policy), message: messages.get(policy) ?? '' })),
    open: [...open].map(refOf),
  }
}

/** Those that are in all lists; the others are added to `rest`. */
function sharedBy(lists: readonly (readonly Policy[])[], rest: Set<Policy>): Policy[] {
  const shared = [...new Set(lists.flat())].filter((policy) => {
    const isShared = lists.every((list) => list.includes(policy))
    if (!isShared) rest.add(policy)
    return isShared
  })
  return shared
}

/** Nothing where all backends come to the same. */
function decisionsOf(judged: readonly Judged[]): Record<string, Decision> | undefined {
  const backends = [...new Set(judged.map(({ backend }) => backend))]
  const decisions = backends.map((backend) =>
    common(judged.filter((it) => it.backend === backend).map(({ call }) => call.decision)),
  )
  if (new Set(decisions).size < 2) return undefined
  return Object.fromEntries(backends.map((backend, at) => [backend, decisions[at] as Decision]))
}

function authorizationOf({ authorization }: GatewayConfig): AuthorizationConfig {
  if (authorization !== undefined) return authorization
  throw new GatewayError(
    'config',
    'the configuration has no policies, so that nothing is denied; incomingAuth.authz.type: cedar adds them',
  )
}

function common(decisions: readonly Decision[]): Decision {
  const [first = 'deny'] = decisions
  return decisions.every((it) => it === first) ? first : 'maybe'
}

function refOf({ effect, source: { place, text, offset } }: Policy): PolicyRef {
  return { effect, place, text, offset }
}
