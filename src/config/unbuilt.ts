import type { Finding } from './diagnostics.ts'
import type { Place } from './place.ts'
import { child, entries, exists, items } from './place.ts'

interface Unbuilt {
  /** Keys from the root, `*` for any name or index. */
  readonly at: string
  /** Only with this value. */
  readonly is?: string
  readonly feature: string
}

/**
 * What the schema knows and this version cannot do. A feature that becomes real loses its line; the reference
 * page reads the table too.
 */
export const UNBUILT: readonly Unbuilt[] = [
  {
    at: 'incomingAuth.authz.primaryUpstreamProvider',
    feature: 'the key primaryUpstreamProvider (there is no embedded authorization server)',
  },
  { at: 'outgoingAuth.source', is: 'discovered', feature: 'discovery of outgoing authentication' },
  { at: 'outgoingAuth.source', is: 'mixed', feature: 'discovery of outgoing authentication' },
  ...strategy('upstream_inject'),
  ...subjectProvider('tokenExchange'),
  ...subjectProvider('awsSts'),
  ...subjectProvider('xaa'),
  { at: 'aggregation.tools.*.toolConfigRef', feature: 'tool configuration from Kubernetes (toolConfigRef)' },
  {
    at: 'sessionStorage.provider',
    is: 'redis',
    feature: 'session storage in Redis (rate limits have rateLimiting.redis)',
  },
  { at: 'codeMode', feature: 'the block codeMode' },
]

function subjectProvider(block: string): readonly Unbuilt[] {
  return ['outgoingAuth.default', 'outgoingAuth.backends.*'].map((at) => ({
    at: `${at}.${block}.subjectProviderName`,
    feature: 'the key subjectProviderName (there is no embedded authorization server)',
  }))
}

function strategy(type: string): readonly Unbuilt[] {
  const feature = `the outgoing authentication strategy ${type}`
  return ['outgoingAuth.default.type', 'outgoingAuth.backends.*.type'].map((at) => ({
    at,
    is: type,
    feature,
  }))
}

/** Refuses by name what this version would otherwise ignore. */
export function* checkUnbuilt(root: Place): Iterable<Finding> {
  for (const { at, is, feature } of UNBUILT) {
    for (const place of match(root, at.split('.'))) {
      const present = is === undefined ? isWanted(place) : place.value === is
      const part = is === undefined ? 'key' : 'value'
      const message = `${feature} is not supported by this version of vmcp`
      if (present) yield { severity: 'error', path: place.path, part, message }
    }
  }
}

/** A block that says itself that it is off asks for nothing. */
function isWanted(place: Place): boolean {
  return exists(place) && child(place, 'enabled').value !== false
}

function match(root: Place, pattern: readonly string[]): readonly Place[] {
  return pattern.reduce<readonly Place[]>(
    (places, key) => places.flatMap((place) => select(place, key)),
    [root],
  )
}

function select(place: Place, key: string): readonly Place[] {
  return key === '*' ? [...items(place), ...entries(place).map(([, member]) => member)] : [child(place, key)]
}
