import { createRouter, type Router } from '../catalog/index.ts'
import type { Catalog } from '../core/catalog.ts'
import type { GatewayConfig } from '../core/config.ts'
import type { Gateway, Layer } from '../core/gateway.ts'
import type { Log } from '../core/log.ts'
import type { Backends } from '../core/ports.ts'
import { withComposites } from '../layers/composition/index.ts'
import { parameterPolicy } from '../layers/parameters.ts'

/** The stack over one set of backends, for as long as one configuration holds. */
export interface Generation {
  /** From 1. */
  readonly number: number
  readonly config: GatewayConfig
  readonly since: Date
  /** The top of the stack. */
  readonly gateway: Gateway
  readonly router: Router
  /** What there is now, what is hidden and what was dropped included, without waiting for anybody. */
  readonly catalog: Catalog
}

export interface GenerationParts {
  readonly number: number
  readonly config: GatewayConfig
  readonly backends: Omit<Backends, 'close'>
  /** Innermost first. */
  readonly layers: readonly Layer[]
  readonly log: Log
}

export function stack({ number, config, backends, layers, log }: GenerationParts): Generation {
  const router = createRouter(backends, config.aggregation, log, config.partialFailure)
  const extended = withComposites(config.compositeTools ?? [])
  const shown = parameterPolicy(config.aggregation)?.shown ?? ((catalog: Catalog) => catalog)
  return {
    number,
    config,
    since: new Date(),
    gateway: layers.reduce<Gateway>((inner, layer) => layer(inner), router),
    router,
    get catalog() {
      return extended(shown(router.catalog))
    },
  }
}
