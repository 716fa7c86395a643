import { createBackends } from './backends/index.ts'
import { createRouter } from './catalog/index.ts'
import type { Catalog } from './core/catalog.ts'
import type { GatewayConfig } from './core/config.ts'
import type { Gateway, Layer } from './core/gateway.ts'
import { type Log, silent } from './core/log.ts'
import type { Backend, Backends } from './core/ports.ts'
import { visibility } from './layers/visibility.ts'
import { VERSION } from './version.ts'

/** The stack, innermost first. This order is the one place that says what applies before what. */
const LAYERS: readonly Layer[] = [visibility]

/** A gateway at work: its backends are connecting or connected; nothing listens yet. */
export interface Running {
  /** The top of the stack, for a front door or an embedder. */
  readonly gateway: Gateway
  readonly backends: Backends
  /** The catalogue with hidden and dropped entries, as the operator sees it. */
  readonly catalog: () => Catalog
  close(): Promise<void>
}

export interface GatewayOptions {
  readonly log?: Log
}

/** Starts the backends of `config` and stacks the layers on them. Never throws for a backend's fault. */
export function createGateway(config: GatewayConfig, options: GatewayOptions = {}): Running {
  const log = options.log ?? silent
  const backends = createBackends(config.backends, { log, version: VERSION })
  const router = createRouter(backends, config.aggregation, log)
  const gateway = LAYERS.reduce<Gateway>((inner, layer) => layer(inner), router)
  return {
    gateway,
    backends,
    catalog: () => router.catalog,
    async close() {
      router.close()
      await backends.close()
    },
  }
}
