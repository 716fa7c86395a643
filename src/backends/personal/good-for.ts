import type { JsonObject, ListKind } from '../../core/catalog.ts'
import type { Freshnesses, ServerFacts } from '../../core/ports.ts'

/** What neither tells of its changes nor says how long it holds is asked for again after this. */
const POLL_MS = 30_000

const CAPABILITY: Readonly<Record<ListKind, string>> = {
  tools: 'tools',
  prompts: 'prompts',
  resources: 'resources',
  templates: 'resources',
}

export interface Listened {
  readonly server: ServerFacts
  /** Whether its announcements are listened to. */
  readonly isHeard: boolean
  /** However short the backend says. */
  readonly leastMs: number
}

/** How long what was just listed can be taken for what there is, in milliseconds. */
export function goodFor(freshness: Freshnesses, { server, isHeard, leastMs }: Listened): number {
  const now = performance.now()
  const spans = Object.entries(freshness).map(([kind, { until }]) => {
    if (until > 0) return until - now
    return isHeard && tells(server, kind as ListKind) ? Number.POSITIVE_INFINITY : POLL_MS
  })
  return Math.max(leastMs, Math.min(Number.POSITIVE_INFINITY, ...spans))
}

function tells({ capabilities }: ServerFacts, kind: ListKind): boolean {
  return (capabilities[CAPABILITY[kind]] as JsonObject | undefined)?.['listChanged'] === true
}
