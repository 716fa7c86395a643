import type { GatewayConfig } from '../../core/config.ts'
import type { Offer } from '../../core/ports.ts'
import type { Finding } from '../diagnostics.ts'
import type { SourceIndex } from '../source.ts'

/** What a check of the configuration against the backends looks at. */
export interface LintContext {
  readonly config: GatewayConfig
  readonly source: SourceIndex
  /** Of the reachable backends, by name. */
  readonly offers: ReadonlyMap<string, Offer>
}

export type Lint = (context: LintContext) => Iterable<Finding>
