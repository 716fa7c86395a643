import fc from 'fast-check'
import type { Case, Uid } from './testing.ts'

type Type = (typeof TYPES)[number]

const TYPES = [
  'bool',
  'long',
  'text',
  'set',
  'record',
  'entity',
  'decimal',
  'ip',
  'datetime',
  'duration',
] as const

/** The name of the attribute that usually is of a type. */
const NAMES: Readonly<Record<Type, string>> = {
  bool: 'flag',
  long: 'count',
  text: 'label',
  set: 'tags',
  record: 'more',
  entity: 'owner',
  decimal: 'rate',
  ip: 'from',
  datetime: 'at',
  duration: 'span',
}

const CLIENTS = ['u1', 'u2'].map((id) => ({ type: 'Client', id }))
const GROUPS = ['g1', 'g2'].map((id) => ({ type: 'THVGroup', id }))
const TOOLS = ['t1', 't2'].map((id) => ({ type: 'Tool', id }))
const SERVERS = ['s1', 's2'].map((id) => ({ type: 'MCP', id }))
const ACTIONS = ['call', 'read'].map((id) => ({ type: 'Action', id }))
const ALL = [...CLIENTS, ...GROUPS, ...TOOLS, ...SERVERS, { type: 'Name::Space', id: 'a"b\\c' }]

const TEXTS = ['', 'a', 'ab', 'abc', 'a*b', 'ünï', '😀x', 'file:///ok', 'it "is"', '1.5', '10.0.0.1', '1h']
const LONGS = ['0', '1', '2', '-1', '7', '9007199254740993', '9223372036854775807', '-9223372036854775808']
const PATTERNS = ['*', 'a*', '*b', 'a*c', 'a\\*b', '', '*ï*', 'file:///*', '**', '😀*']
const DECIMALS = ['0.0', '1.5', '-1.5', '922337203685477.5807', '1.50', '1.23456', '12']
const IPS = [
  '10.0.0.1',
  '10.0.0.0/8',
  '127.0.0.1',
  '127.0.0.0/7',
  '224.0.0.1',
  '::1',
  'ff00::/8',
  'fe80::1/10',
  '1.2.3',
  '01.2.3.4',
  '::1.2.3.4',
  '10.0.0.0/33',
  '1:2:3:4:5:6:7:8',
  '10.0.0.1/08',
]
const MOMENTS = [
  '2024-01-01',
  '2024-02-29T12:30:45Z',
  '1969-12-31T23:59:59.999Z',
  '2024-01-01T00:00:00+0130',
  '0000-01-01',
  '9999-12-31T23:59:59-2359',
  '2023-02-29',
  '2024-01-01T24:00:00Z',
  '2024-01-01T00:00:60Z',
  '2024-1-1',
]
const SPANS = [
  '1h',
  '-1d2h3m4s5ms',
  '0ms',
  '90m',
  '9223372036854775807ms',
  '1d1d',
  '',
  '-',
  '5',
  '2s1m',
  '106751991168d',
]

type Pick = <T>(from: readonly T[]) => T

/** Policies, entities and requests of all kinds, well typed and not. */
export const cases: fc.Arbitrary<Case> = fc.gen().map((gen) => {
  const pick: Pick = (from) => from[gen(fc.nat, { max: from.length - 1 })] as (typeof from)[number]
  const writer = new Writer(pick)
  return {
    policies: Array.from({ length: pick([1, 2, 3]) }, () => writer.policy()),
    entities: writer.entities(),
    principal: pick(CLIENTS),
    action: pick(ACTIONS),
    resource: pick(TOOLS),
    context: writer.record(2),
  }
})

class Writer {
  readonly #pick: Pick

  constructor(pick: Pick) {
    this.#pick = pick
  }

  policy(): string {
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

  entities(): object[] {
    const pick = this.#pick
    const some = (from: readonly Uid[]) => from.filter(() => pick([true, false]))
    const entity = (uid: Uid, parents: readonly Uid[]) => ({
      uid,
      attrs: this.record(2),
      parents,
      ...(pick([true, false]) && { tags: { a: 'b', ab: this.#json('text', 0) } }),
    })
    const all = [
      ...CLIENTS.map((uid) => entity(uid, some(GROUPS))),
      ...TOOLS.map((uid) => entity(uid, some(SERVERS))),
      entity(GROUPS[0] as Uid, some([SERVERS[0] as Uid])),
      entity(ACTIONS[0] as Uid, [{ type: 'Action', id: 'all' }]),
    ]
    return all.filter(() => pick([true, true, true, false]))
  }

  record(depth: number): Record<string, unknown> {
    const pick = this.#pick
    const types = TYPES.filter((type) => pick([true, true, false]) && (depth > 0 || type !== 'record'))
    return Object.fromEntries(
      types.map((type) => [NAMES[type], this.#json(pick([type, type, type, 'long']), depth)]),
    )
  }

  #json(type: Type, depth: number): unknown {
    const pick = this.#pick
    const extension = (fn: string, arg: string) => ({ __extn: { fn, arg } })
    switch (type) {
      case 'bool':
        return pick([true, false])
      case 'long':
        return pick([0, 1, 2, -1, 7, 9_007_199_254_740_991])
      case 'text':
        return pick(TEXTS)
      case 'set':
        return pick<unknown>([
          [],
          [1, 2],
          ['a', 'ab'],
          ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'abc'],
          [[1], [2, 1]],
        ])
      case 'record':
        return depth > 0 ? this.record(depth - 1) : {}
      case 'entity':
        return { __entity: pick(ALL) }
      case 'decimal':
        return extension('decimal', pick(DECIMALS.slice(0, 5)))
      case 'ip':
        return extension('ip', pick(IPS.slice(0, 8)))
      case 'datetime':
        return extension('datetime', pick(MOMENTS.slice(0, 6)))
      case 'duration':
        return extension('duration', pick(SPANS.slice(0, 5)))
    }
  }
}

function print({ type, id }: Uid): string {
  return `${type}::${JSON.stringify(id)}`
}

function quotedPattern(pattern: string): string {
  return `"${pattern}"`
}
