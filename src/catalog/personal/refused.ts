import type { Call } from '../../core/call.ts'
import type { Catalog, CatalogItem } from '../../core/catalog.ts'
import type { ConflictStrategy } from '../../core/config.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Backend, BackendState } from '../../core/ports.ts'

/** A backend that shows a caller nothing now. */
export interface Hidden {
  readonly backend: Backend
  readonly view: BackendState
}

export interface Clues {
  /** What the gateway itself is shown. */
  readonly catalog: Catalog
  readonly strategy: ConflictStrategy
}

/**
 * Why a call names nothing, where it would be of a backend that shows this caller nothing: by its prefix, or since the
 * gateway itself is shown it. Of others nothing is said, since what is absent and what is hidden must look the same.
 */
export function whyNot(call: Call, hidden: readonly Hidden[], clues: Clues): GatewayError | undefined {
  const found = itemOf(call, clues.catalog)?.origin.backend
  const guilty = hidden.find(({ backend: { name } }) => name === found || isPrefixed(call, name, clues))
  if (guilty?.view.status !== 'failed') return undefined
  const { code, message } = guilty.view.error
  const data = { backend: guilty.backend.name }
  return new GatewayError(code, `it shows you nothing that could be called: ${message}`, { data })
}

function itemOf(call: Call, { tools, prompts, resources }: Catalog): CatalogItem | undefined {
  if (call.kind === 'tool') return tools.find(({ name }) => name === call.name)
  if (call.kind === 'prompt') return prompts.find(({ name }) => name === call.name)
  if (call.kind !== 'resource' && call.kind !== 'subscription') return undefined
  return resources.find(({ uri }) => uri === call.uri)
}

function isPrefixed(call: Call, backend: string, { strategy }: Clues): boolean {
  if (call.kind !== 'tool' && call.kind !== 'prompt') return false
  const format =
    'format' in strategy && strategy.format.includes('{workload}') ? strategy.format : '{workload}_'
  return call.name.startsWith(format.replaceAll('{workload}', () => backend))
}
