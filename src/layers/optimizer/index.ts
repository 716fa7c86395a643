import type { Call, Exchange, Result } from '../../core/call.ts'
import type { Catalog, Item, ToolItem } from '../../core/catalog.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Gateway, Layer, Resolved } from '../../core/gateway.ts'
import type { OptimizerConfig } from '../../core/optimizer.ts'
import { failure } from './answer.ts'
import type { Counts } from './counts.ts'
import { type About, CALL_TOOL, CALL_TOOL_ITEM, FIND_TOOL, findTool } from './definitions.ts'
import { readSearch, readTarget } from './request.ts'
import type { Find } from './search.ts'
import type { Spans } from './spans.ts'

export interface OptimizerOptions {
  readonly config: OptimizerConfig
  /** What a server says of itself. */
  readonly about?: About
  /** What finds; asked for when the first client searches. */
  readonly search: () => Promise<Find>
  /** Hears of each catalogue that a client lists, and may be searched soon. */
  readonly warm?: (catalog: Catalog) => void
  readonly counts?: Counts | undefined
  /** `undefined` where nothing is traced. */
  readonly spans?: Spans | undefined
}

type ToolCall = Extract<Call, { kind: 'tool' }>

/**
 * Lists a tool that finds tools and one that calls them in the place of all others. Both see and reach what the
 * layers below show the caller and nothing else. A tool that is called by its own name is called.
 */
export function optimizer({
  config,
  about = () => undefined,
  search,
  warm = () => {},
  counts,
  spans,
}: OptimizerOptions): Layer {
  return (inner: Gateway): Gateway => {
    const listed = memo((catalog: Catalog) => {
      warm(catalog)
      return listOver(catalog, about, config)
    })
    const asCalled = memo(withCallToolDefinition)
    return {
      async list(caller, signal) {
        return listed(await inner.list(caller, signal)).catalog
      },
      async resolve(caller, call, signal) {
        if (call.kind !== 'tool') return inner.resolve(caller, call, signal)
        if (call.name === CALL_TOOL) {
          const target = () =>
            resolveTarget(call, {
              resolve: (to) => inner.resolve(caller, to, signal),
              asCalled,
              counts,
              spans,
            })
          return counts === undefined ? target() : counts.call(target)
        }
        if (call.name !== FIND_TOOL) return inner.resolve(caller, call, signal)
        const catalog = await inner.list(caller, signal)
        const answer: Resolved['run'] = ({ signal: own }) => find(call, catalog, own, search)
        const run: Resolved['run'] = counts ? (exchange) => counts.find(() => answer(exchange)) : answer
        return { item: listed(catalog).find, run: spans?.find(run) ?? run }
      },
      watch: (caller, signal) => inner.watch(caller, signal),
    }
  }
}

async function find(
  call: ToolCall,
  catalog: Catalog,
  signal: AbortSignal,
  search: () => Promise<Find>,
): Promise<Result> {
  const asked = readSearch(call.params)
  if ('wrong' in asked) return failure(asked.wrong)
  return (await search()).answer(catalog, asked, signal)
}

interface Below {
  readonly resolve: (call: Call) => Promise<Resolved>
  readonly asCalled: (item: Item) => Item
  readonly counts: Counts | undefined
  readonly spans: Spans | undefined
}

/** @throws GatewayError `denied`, and all that the layers below refuse with but `not_found` */
async function resolveTarget(call: ToolCall, { resolve, asCalled, counts, spans }: Below): Promise<Resolved> {
  const target = readTarget(call.params)
  if ('wrong' in target) return refused(target.wrong)
  try {
    const resolved = await resolve({ kind: 'tool', ...target })
    const called = { item: asCalled(resolved.item), run: (exchange: Exchange) => resolved.run(exchange) }
    return spans?.call(called, target.name) ?? called
  } catch (error) {
    if (GatewayError.from(error).code !== 'not_found') throw error
    counts?.notFound()
    return refused(`tool not found: ${target.name}`, NAMES_THERE_ARE)
  }
}

const NAMES_THERE_ARE = `${FIND_TOOL} finds the names that there are`

function refused(...sentences: readonly string[]): Resolved {
  return { item: CALL_TOOL_ITEM, run: async () => failure(...sentences) }
}

/** The item of the tool, with the definition that the client knows: it is what the arguments are of. */
function withCallToolDefinition(item: Item): Item {
  return { ...item, definition: CALL_TOOL_ITEM.definition }
}

interface Listed {
  readonly catalog: Catalog
  readonly find: ToolItem
}

function listOver(catalog: Catalog, about: About, config: OptimizerConfig): Listed {
  const find = findTool(catalog, about, config)
  const own = new Set([FIND_TOOL, CALL_TOOL])
  const pinned = catalog.tools.filter(({ name }) => config.pinned.includes(name) && !own.has(name))
  const tools = [CALL_TOOL_ITEM, find, ...pinned].sort((a, b) => (a.name < b.name ? -1 : 1))
  return { catalog: { ...catalog, tools }, find }
}

/** The same object for the same, so that whoever keeps something for it can. */
function memo<K extends object, V>(make: (from: K) => V): (from: K) => V {
  const known = new WeakMap<K, V>()
  return (from) => {
    const made = known.get(from) ?? make(from)
    known.set(from, made)
    return made
  }
}
