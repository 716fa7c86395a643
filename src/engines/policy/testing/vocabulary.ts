/** What policies and entities are made of: values of all types, well formed and not. */

export type Type = (typeof TYPES)[number]

export const TYPES = [
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
export const NAMES: Readonly<Record<Type, string>> = {
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

export const CLIENTS = ['u1', 'u2'].map((id) => ({ type: 'Client', id }))
export const GROUPS = ['g1', 'g2'].map((id) => ({ type: 'THVGroup', id }))
export const TOOLS = ['t1', 't2'].map((id) => ({ type: 'Tool', id }))
export const SERVERS = ['s1', 's2'].map((id) => ({ type: 'MCP', id }))
export const ACTIONS = ['call', 'read'].map((id) => ({ type: 'Action', id }))
export const ALL = [...CLIENTS, ...GROUPS, ...TOOLS, ...SERVERS, { type: 'Name::Space', id: 'a"b\\c' }]

export const TEXTS = [
  '',
  'a',
  'ab',
  'abc',
  'a*b',
  'ünï',
  '😀x',
  'file:///ok',
  'it "is"',
  '1.5',
  '10.0.0.1',
  '1h',
]
export const LONGS = [
  '0',
  '1',
  '2',
  '-1',
  '7',
  '9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
]
export const PATTERNS = ['*', 'a*', '*b', 'a*c', 'a\\*b', '', '*ï*', 'file:///*', '**', '😀*']
export const DECIMALS = ['0.0', '1.5', '-1.5', '922337203685477.5807', '1.50', '1.23456', '12']
export const IPS = [
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
export const MOMENTS = [
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
export const SPANS = [
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

/** Takes one at random. */
export type Pick = <T>(from: readonly T[]) => T
