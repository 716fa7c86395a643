import {
  ACTIONS,
  type Action,
  type AuthorizationConfig,
  DEFAULT_GROUP_TYPE,
} from '../../core/authorization.ts'
import type { Call } from '../../core/call.ts'
import type { Principal } from '../../core/caller.ts'
import type { Item } from '../../core/catalog.ts'
import { GatewayError } from '../../core/errors.ts'
import {
  type Entities,
  type Entity,
  EntityRef,
  type Env,
  type Explanation,
  type Outcome,
  type ParsedPolicy,
  PolicySet,
  RecordValue,
  readEntities,
  readPolicies,
  type Selection,
  UnknownEntity,
  UnsupportedError,
} from '../../engines/policy/index.ts'
import { AnyTarget, type Matches } from './any-target.ts'
import { ANY_ARGUMENTS, type Arguments, argumentsOf } from './arguments.ts'
import { Subject, type SubjectOptions } from './subject.ts'
import { Above, askedFor, Target } from './target.ts'

export interface AuthorizerOptions {
  /** The name of the gateway: `MCP::"<name>"`. */
  readonly server: string
  readonly matches: Matches
}

/** Decides who may do what. Immutable, but for what it remembers of principals. */
export class Authorizer {
  readonly #policies: PolicySet
  readonly #actions: Readonly<Record<Action, EntityRef>>
  readonly #options: SubjectOptions
  readonly #above: Above
  readonly #matches: Matches
  readonly #subjects = new WeakMap<Principal, Subject>()

  /** @throws GatewayError `config` */
  constructor(config: AuthorizationConfig, { server, matches }: AuthorizerOptions) {
    const actions = ACTIONS.map((action) => [action, new EntityRef('Action', action)] as const)
    this.#actions = Object.fromEntries(actions) as Record<Action, EntityRef>
    this.#policies = read(config, Object.values(this.#actions))
    const { groupType = DEFAULT_GROUP_TYPE, groupClaim, roleClaim } = config
    this.#options = { groupType, groupClaim, roleClaim }
    this.#above = new Above(this.#policies, server)
    this.#matches = matches
  }

  /** Whether a call may be made; without one, whether any call of the item may be made, for all that is known. */
  allows(item: Item, principal: Principal, call: Call | undefined): boolean {
    if (principal.subject === '') return false
    const { env, selection } = this.#request(item, principal, call)
    return this.#policies.decide(selection, env) !== 'deny'
  }

  /** What a decision comes from. Costs more than the decision. */
  explain(
    item: Item,
    principal: Principal,
    call: Call | undefined,
  ): Explanation & Pick<Env, 'resource' | 'principal' | 'action'> {
    const { env, selection } = this.#request(item, principal, call)
    const { resource, action } = env
    const explanation = this.#policies.explain(selection, env)
    const decision = principal.subject === '' ? 'deny' : explanation.decision
    return { ...explanation, decision, resource, action, principal: env.principal }
  }

  #request(item: Item, principal: Principal, call: Call | undefined): { env: Env; selection: Selection } {
    const subject = this.#subjectOf(principal)
    const asked = askedFor(item, call)
    const action = this.#actions[asked.action]
    const isCalled = call !== undefined && call.kind !== 'completion' && call.kind !== 'task'
    const args = isCalled ? argumentsOf(call) : ANY_ARGUMENTS
    const { id, type } = asked
    const target = id === undefined ? undefined : new Target(item, { ...asked, id }, args, this.#above)
    const resource =
      target?.ref ?? new UnknownEntity(type, new AnyTarget(item, asked, this.#above, this.#matches))
    const context = new Context(subject, args)
    const entities = new RequestEntities(subject, target, this.#policies.entities)
    return {
      env: { principal: subject.ref, action, resource, context, entities },
      selection: subject.selection(action),
    }
  }

  #subjectOf(principal: Principal): Subject {
    const known = this.#subjects.get(principal)
    if (known !== undefined) return known
    const subject = new Subject(principal, this.#policies, this.#options)
    this.#subjects.set(principal, subject)
    return subject
  }
}

/** @throws GatewayError `config` */
function read(config: AuthorizationConfig, actions: readonly EntityRef[]): PolicySet {
  const policies = config.policies.flatMap(({ text, place }): ParsedPolicy[] => {
    const reading = readPolicies(text)
    if (!reading.ok) throw new GatewayError('config', `${place}: ${reading.faults[0]?.message}`)
    return reading.policies.map((policy) => ({ ...policy, place }))
  })
  try {
    return new PolicySet(policies, readEntities(config.entities ?? '[]'), actions)
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error
    throw new GatewayError('config', `incomingAuth.authz.policies: ${error.message}`)
  }
}

class RequestEntities implements Entities {
  readonly #subject: Subject
  readonly #target: Target | undefined
  readonly #others: Entities

  constructor(subject: Subject, target: Target | undefined, others: Entities) {
    this.#subject = subject
    this.#target = target
    this.#others = others
  }

  find(key: string): Entity | undefined {
    if (key === this.#target?.ref.key) return this.#target
    return key === this.#subject.ref.key ? this.#subject : this.#others.find(key)
  }
}

/** `context`: the claims and the arguments once more. */
class Context extends RecordValue {
  readonly #subject: Subject
  readonly #args: Arguments

  constructor(subject: Subject, args: Arguments) {
    super()
    this.#subject = subject
    this.#args = args
  }

  get(name: string): Outcome | undefined {
    if (name.startsWith('claim_')) return this.#subject.attribute(name)
    return name.startsWith('arg_') ? this.#args.get(name.slice('arg_'.length)) : undefined
  }

  all(): ReadonlyMap<string, Outcome> {
    const claims = [...this.#subject.claims].map(([name, value]) => [`claim_${name}`, value] as const)
    const args = [...this.#args.all()].map(([name, value]) => [`arg_${name}`, value] as const)
    return new Map([...claims, ...args])
  }
}
