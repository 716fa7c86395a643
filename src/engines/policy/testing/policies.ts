import type { Uid } from './verdict.ts'
import {
  ALL,
  CLIENTS,
  DECIMALS,
  GROUPS,
  IPS,
  LONGS,
  MOMENTS,
  NAMES,
  PATTERNS,
  type Pick,
  SERVERS,
  SPANS,
  TEXTS,
  TOOLS,
  TYPES,
  type Type,
} from './vocabulary.ts'

/** Policies of all kinds, well typed and not. */
export class Policies {
  readonly #pick: Pick

  constructor(pick: Pick) {
    this.#pick = pick
  }

  next(): string {
    const pick = this.#pick
    const principal = this.#scope('principal', [...CLIENTS, ...GROUPS], 'Client')
    const action = pick([
      'action',
      'action == Action::"call"',
      'action in [Action::"call", Action::"read"]',
      'action in Action::"all"',
    ])
    const resource = this.#scope('resource', [...TOOLS, ...SERVERS], 'Tool')
    const conditions = pick([['when'], ['when', 'unless'], ['unless'], []])
    const clauses = conditions.map((kind) => `${kind} { ${this.#expression('bool', 4)} }`)
    return `${pick(['permit', 'permit', 'forbid'])}(${principal}, ${action}, ${resource}) ${clauses.join(' ')};`
  }

  #scope(name: string, of: readonly Uid[], type: string): string {
    const pick = this.#pick
    const uid = print(pick(of))
    const other = pick([type, type, 'Other'])
    return pick([
      name,
      name,
      `${name} == ${uid}`,
      `${name} in ${uid}`,
      `${name} is ${other}`,
      `${name} is ${other} in ${uid}`,
    ])
  }

  /** Now and then of another type than is wanted. */
  #expression(type: Type, depth: number): string {
    const pick = this.#pick
    const of = pick(Array.from({ length: 30 }, (_, at) => at)) === 0 ? pick(TYPES) : type
    if (depth === 0) return this.#leaf(of)
    return pick(Array.from({ length: 6 }, (_, at) => at)) === 0 ? this.#leaf(of) : this.#made(of, depth - 1)
  }

  #leaf(type: Type): string {
    const pick = this.#pick
    const from = pick(['context', 'principal', 'resource', 'context.more', print(pick(ALL))])
    return pick([`${from}.${NAMES[type]}`, this.#constant(type), this.#constant(type)])
  }

  #constant(type: Type): string {
    const pick = this.#pick
    const quoted = (from: readonly string[]) => JSON.stringify(pick(from))
    switch (type) {
      case 'bool':
        return pick(['true', 'false'])
      case 'long':
        return pick(LONGS)
      case 'text':
        return quoted(TEXTS)
      case 'set':
        return pick(['[]', '[1, 2]', '["a", "ab"]', '[principal, resource]', '[1, "a", 1]'])
      case 'record':
        return pick(['{}', '{count: 1}', '{"label": "a", flag: true}', 'context'])
      case 'entity':
        return pick(['principal', 'resource', 'action', print(pick(ALL))])
      case 'decimal':
        return `decimal(${quoted(DECIMALS)})`
      case 'ip':
        return `ip(${quoted(IPS)})`
      case 'datetime':
        return `datetime(${quoted(MOMENTS)})`
      case 'duration':
        return `duration(${quoted(SPANS)})`
    }
  }

  #made(type: Type, depth: number): string {
    const pick = this.#pick
    const e = (of: Type) => this.#expression(of, depth)
    const one = (of: Type) => `(${e(of)})`
    const choice = () => `(if ${e('bool')} then ${e(type)} else ${e(type)})`
    const some = pick(TYPES)
    const all: Partial<Record<Type, () => (() => string)[]>> = {
      bool: () => [
        () => `(${one('bool')} ${pick(['&&', '||'])} ${one('bool')})`,
        () => `(${one('bool')} ${pick(['&&', '||'])} ${one('bool')})`,
        () => `!(${e('bool')})`,
        () => `(${one(some)} ${pick(['==', '!='])} ${one(some)})`,
        () => `(${one('long')} ${pick(['<', '<=', '>', '>='])} ${one('long')})`,
        () => `(${one('datetime')} ${pick(['<', '>='])} ${one('datetime')})`,
        () => `(${one('duration')} ${pick(['<=', '>'])} ${one('duration')})`,
        () => `(${one('entity')} in ${one(pick(['entity', 'set'] as const))})`,
        () => `(${one('entity')} in [${e('entity')}, ${e('entity')}])`,
        () => `(${one(pick(['entity', 'record', 'set'] as const))} has ${NAMES[some]})`,
        () => `(context has more.${NAMES[some]})`,
        () => `(${one('text')} like ${quotedPattern(pick(PATTERNS))})`,
        () => `(${one('entity')} is ${pick(['Client', 'Tool', 'Other'])})`,
        () => `(${one('entity')} is Client in ${one('entity')})`,
        () => `${one('set')}.contains(${e(some)})`,
        () => `[${e(some)}, ${e(some)}].contains(${e(some)})`,
        () => `${one('set')}.${pick(['containsAll', 'containsAny'])}(${e('set')})`,
        () => `${one('set')}.isEmpty()`,
        () => `${one('entity')}.hasTag(${e('text')})`,
        () =>
          `${one('decimal')}.${pick(['lessThan', 'lessThanOrEqual', 'greaterThan', 'greaterThanOrEqual'])}(${e('decimal')})`,
        () => `${one('ip')}.${pick(['isIpv4', 'isIpv6', 'isLoopback', 'isMulticast'])}()`,
        () => `${one('ip')}.isInRange(${e('ip')})`,
        choice,
      ],
      long: () => [
        () => `(${one('long')} ${pick(['+', '-', '*'])} ${one('long')})`,
        () => `-(${e('long')})`,
        () =>
          `${one('duration')}.${pick(['toMilliseconds', 'toSeconds', 'toMinutes', 'toHours', 'toDays'])}()`,
        choice,
      ],
      text: () => [() => `${one('entity')}.getTag(${e('text')})`, choice],
      set: () => [() => `[${e(some)}, ${e(some)}]`, choice],
      record: () => [() => `{label: ${e('text')}, count: ${e('long')}}`, choice],
      datetime: () => [
        () => `${one('datetime')}.offset(${e('duration')})`,
        () => `${one('datetime')}.toDate()`,
        choice,
      ],
      duration: () => [
        () => `${one('datetime')}.toTime()`,
        () => `${one('datetime')}.durationSince(${e('datetime')})`,
      ],
    }
    return pick(all[type]?.() ?? [() => this.#leaf(type)])()
  }
}

function print({ type, id }: Uid): string {
  return `${type}::${JSON.stringify(id)}`
}

function quotedPattern(pattern: string): string {
  return `"${pattern}"`
}
