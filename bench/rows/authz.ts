import { type BackendEntry, config } from '../../test/fixtures/config.ts'
import { type Bench, difference, type Figure, type Row } from '../bench.ts'
import { echoParams, modernShot, type Shot } from '../load.ts'

const POLICIES = 20
const CALLS = 5000
const LISTS = 400
const TOOLS = 500
/** In microseconds. */
const CALL_LIMIT = 60
const LIST_LIMIT = 1000

/** What it costs to ask policies: of a call, and of a list that was made before for the same caller. */
export const authz: Row = {
  name: 'authz',
  async run(bench: Bench): Promise<Figure[]> {
    const { catalog } = bench.options
    const { ready: url } = await bench.server('wire:echo', {
      era: 'modern',
      id: 'b',
      tools: TOOLS - 1,
      catalog,
    })
    const entry: BackendEntry = { name: 'b', url }
    return [
      await compare(bench, entry, {
        what: `a call decided by ${POLICIES} policies, beyond none`,
        policies: [...forbidding(POLICIES - 1), PERMIT],
        shot: modernShot('tools/call', echoParams('b_echo')),
        count: CALLS,
        limit: CALL_LIMIT,
      }),
      await compare(bench, entry, {
        what: `a list of ${TOOLS} tools decided by ${POLICIES} policies, beyond none`,
        policies: [...forbidding(POLICIES - 1), PERMIT],
        shot: modernShot('tools/list'),
        count: LISTS,
        limit: LIST_LIMIT,
      }),
    ]
  },
}

const PERMIT =
  'permit(principal, action == Action::"call_tool", resource in MCP::"test-vmcp") when { !(context has arg_secret) };'

/** Those that are about everything by their scope, so that each is looked at for each call and each tool. */
function forbidding(count: number): string[] {
  return Array.from({ length: count }, (_, at) => {
    const what =
      at % 2 === 0
        ? `resource.name like "secret-${at}-*"`
        : `resource has arg_input && resource.arg_input like "never-${at}-*"`
    return `forbid(principal, action, resource) when { principal.claim_sub == "anonymous" && ${what} };`
  })
}

interface Comparison {
  readonly what: string
  readonly policies: readonly string[]
  readonly shot: Shot
  readonly count: number
  readonly limit: number
}

async function compare(bench: Bench, entry: BackendEntry, it: Comparison): Promise<Figure> {
  const { shot, count, limit } = it
  const authz = { type: 'cedar', policies: it.policies }
  const plain = await bench.over([entry])
  const guarded = await bench.gateway({
    config: config([entry], { incomingAuth: { type: 'anonymous', authz } }),
  })
  const rounds = await bench.compare([
    { name: 'plain', pid: plain.pid, load: { url: plain.ready, shots: [shot], count } },
    { name: 'policies', pid: guarded.pid, load: { url: guarded.ready, shots: [shot], count } },
  ])
  return difference(it.what, rounds, { of: 'policies', to: 'plain', limit })
}
