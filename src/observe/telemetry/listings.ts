import type { BackendConfig } from '../../core/config.ts'
import type { ListingWitness } from '../../core/ports.ts'
import type { Attributes, Tracer } from '../../core/trace.ts'
import type { CallSeries } from './call-series.ts'
import { failureIn } from './failure.ts'
import { targetFor } from './target.ts'

/** As the requests of a connection's lists are called together: there is no one method of MCP for them. */
const LISTING = 'list_capabilities'

/** Counts, times and traces how backends are asked what they offer. Each is a trace of its own. */
export function listingWitness({
  series,
  tracer,
}: {
  readonly series: CallSeries | undefined
  readonly tracer: Tracer | undefined
}): ListingWitness {
  return (config) => {
    const span = tracer?.begin({ name: LISTING, kind: 'client', parent: undefined })
    const began = performance.now()
    return (error) => {
      const attributes = attributesOf(config)
      if (series !== undefined) {
        series.requests(attributes)(1)
        if (error !== undefined) series.errors(attributes)(1)
        series.durations(attributes)((performance.now() - began) / 1000)
      }
      if (span?.context.sampled) span.set(attributes)
      span?.end(error === undefined ? undefined : failureIn(error))
    }
  }
}

function attributesOf(config: BackendConfig): Attributes {
  const { attributes } = targetFor(config, config)
  return { ...attributes, action: LISTING, 'mcp.method.name': LISTING }
}
