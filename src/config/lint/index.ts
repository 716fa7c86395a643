import type { GatewayConfig } from '../../core/config.ts'
import type { Offer } from '../../core/ports.ts'
import type { Diagnostic } from '../diagnostics.ts'
import { locate } from '../diagnostics.ts'
import type { SourceIndex } from '../source.ts'
import type { Lint } from './lint.ts'
import { names } from './names.ts'
import { parameters } from './parameters.ts'
import { prefixes } from './prefixes.ts'
import { workloads } from './workloads.ts'

const LINTS: readonly Lint[] = [names, workloads, parameters, prefixes]

/**
 * What is allowed and hardly meant; warnings all. `config.backends` are the backends that are served, those of
 * the group included; backends without an offer are judged by name only.
 */
export function lint(
  config: GatewayConfig,
  source: SourceIndex,
  offers: ReadonlyMap<string, Offer>,
): Diagnostic[] {
  return locate(
    LINTS.flatMap((check) => [...check({ config, source, offers })]),
    source,
  )
}
