import type { Router } from './catalog/index.ts'
import type { Catalog } from './core/catalog.ts'
import type { GatewayConfig } from './core/config.ts'
import type { Gateway } from './core/gateway.ts'
import type { Part } from './core/part.ts'
import type { Backends } from './core/ports.ts'
import type { OpenConnections, Telemetry } from './core/telemetry.ts'
import type { Applied } from './live/gateway.ts'
import type { Observation } from './observe/observing.ts'
import type { Optimizer } from './stack/optimizer.ts'
import type { History } from './status/history.ts'
import type { Runs } from './workflows/runs.ts'

/** A gateway at work: its backends are connecting or connected; nothing listens yet. */
export interface Running {
  /** The top of the stack, for a front door or an embedder. */
  readonly gateway: Gateway
  /** What is served now: `apply` replaces it. */
  readonly config: GatewayConfig
  /** The innermost gateway, which also says what is in conflict. Of the configuration of now. */
  readonly router: Router
  /** What there is now, what is hidden and what was dropped included, without waiting for anybody. */
  readonly catalog: Catalog
  readonly backends: Backends
  /** Who looks on now. */
  readonly observation: Observation
  readonly telemetry: Telemetry | undefined
  /** Of the configuration of now. */
  readonly optimizer: Optimizer | undefined
  /** Of composite tools. */
  readonly runs: Runs
  /** How the configuration came to be what it is. */
  readonly history: History
  /** What follows the configuration besides, such as who may come in at a door. */
  readonly parts: Set<Part>
  /** What clients have open at the doors. */
  readonly doors: Set<() => OpenConnections>
  /** Opens a part for the configuration of now, while no other takes its place. */
  join<P extends Part>(open: (config: GatewayConfig) => Promise<P>): Promise<P>
  /**
   * Serves another configuration without interruption: wholly, or, where it throws, not at all. Backends with the
   * same settings keep their connections; calls in progress end as they began, or after 10 s with an error.
   * @throws GatewayError `conflict`, `unavailable`
   */
  apply(config: GatewayConfig): Promise<Applied>
  /** Ends with the observers: until then there may be something to observe. */
  close(): Promise<void>
}
