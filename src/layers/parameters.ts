import { lookup as lookUp } from 'node:dns/promises'
import type { Call } from '../core/call.ts'
import type { Catalog, Item, JsonObject, ToolItem } from '../core/catalog.ts'
import type { AggregationPolicy } from '../core/config.ts'
import type { Gateway, Layer, Resolved } from '../core/gateway.ts'
import { once } from '../core/memo.ts'
import type { ParameterRules } from '../core/parameters.ts'
import { RawObject } from '../core/raw.ts'
import { type Parameters, parametersOf, type Refusal } from '../engines/parameters/index.ts'

/** Tools whose parameters are other than their backends declare. */
export interface ParameterPolicy {
  readonly layer: Layer
  /** The catalogue with the parameters that callers see. */
  readonly shown: (catalog: Catalog) => Catalog
}

/** @returns `undefined` where the configuration changes no parameter */
export function parameterPolicy(policy: AggregationPolicy): ParameterPolicy | undefined {
  const known = compile(policy)
  if (known.size === 0) return undefined
  const parametersFor = ({ origin, wrapper }: ToolItem) =>
    known.get(keyOf(origin.backend, origin.name, wrapper))
  const shown = once((catalog: Catalog) => ({
    ...catalog,
    tools: catalog.tools.map((item) => {
      const parameters = parametersFor(item)
      return parameters === undefined ? item : advertised(item, parameters)
    }),
  }))
  return { shown, layer: layerOf(shown, parametersFor) }
}

function layerOf(
  shown: (catalog: Catalog) => Catalog,
  parametersFor: (item: ToolItem) => Parameters | undefined,
): Layer {
  const policed = once((item: Item) => {
    const parameters = item.kind === 'tool' ? parametersFor(item) : undefined
    return parameters && { parameters, item: advertised(item as ToolItem, parameters) }
  })
  return (inner: Gateway): Gateway => ({
    async list(caller, signal) {
      return shown(await inner.list(caller, signal))
    },
    async resolve(caller, call, signal) {
      const found = await inner.resolve(caller, call, signal)
      const known = policed(found.item)
      if (known === undefined) return found
      const { parameters, item } = known
      const prepared = await parameters.prepare(call.params.object('arguments') ?? RawObject.empty)
      if (!(prepared instanceof RawObject)) return refused(item, prepared)
      const params = call.params.with({ arguments: prepared.toString() })
      const resolved = await inner.resolve(caller, { ...call, params } as Call, signal)
      return { item, run: (exchange) => resolved.run(exchange) }
    },
    watch: (caller, signal) => inner.watch(caller, signal),
  })
}

/** What a model got wrong is a result that it can read and mend (MCP 2025-11-25, server/tools, error handling). */
function refused(item: ToolItem, { problem }: Refusal): Resolved {
  const content = [{ type: 'text', text: `${item.name}: ${problem}` }]
  return { item, run: async () => ({ type: 'complete', body: RawObject.of({ content, isError: true }) }) }
}

function advertised(item: ToolItem, parameters: Parameters): ToolItem {
  const schema = item.definition['inputSchema']
  const own = typeof schema === 'object' && schema !== null ? (schema as JsonObject) : { type: 'object' }
  return { ...item, definition: { ...item.definition, inputSchema: parameters.advertise(own) } }
}

function compile({ workloads }: AggregationPolicy): Map<string, Parameters> {
  const known = new Map<string, Parameters>()
  const add = (key: string, rules: ParameterRules | undefined) => {
    if (rules !== undefined && Object.keys(rules).length > 0) known.set(key, parametersOf(rules, addressesOf))
  }
  for (const [backend, { overrides }] of Object.entries(workloads)) {
    for (const [tool, override] of Object.entries(overrides)) {
      add(keyOf(backend, tool, undefined), override.parameters)
      for (const wrapper of override.wrap ?? []) add(keyOf(backend, tool, wrapper.name), wrapper.parameters)
    }
  }
  return known
}

function keyOf(backend: string, tool: string, wrapper: string | undefined): string {
  return JSON.stringify([backend, tool, wrapper])
}

async function addressesOf(hostname: string): Promise<string[]> {
  return (await lookUp(hostname, { all: true })).map(({ address }) => address)
}
