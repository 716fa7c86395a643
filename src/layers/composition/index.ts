import { PartRef } from '../../core/call.ts'
import type { Catalog } from '../../core/catalog.ts'
import type { CompositeToolConfig } from '../../core/composite.ts'
import type { Gateway, Layer } from '../../core/gateway.ts'
import type { Log } from '../../core/log.ts'
import { once } from '../../core/memo.ts'
import type { RunKeeper } from '../../core/runs.ts'
import type { RunWitness } from '../../core/witness.ts'
import { schemaReader } from '../../engines/schema/index.ts'
import { type Composite, prepare } from './composite.ts'
import { expose } from './exposure.ts'
import { run } from './run.ts'
import { StepRefs } from './step-refs.ts'
import { createTemplates } from './templates.ts'
import { Withdrawals } from './withdrawals.ts'

interface Options {
  readonly log: Log
  /** Who sees what happens in a run, from its beginning to its end. */
  readonly witness?: () => RunWitness | undefined
  /** Where a run is kept that waits for a person. */
  readonly keeper?: () => RunKeeper | undefined
  /** What the calls of steps go through besides. */
  readonly steps?: Layer | undefined
}

/**
 * Adds tools that are made of several calls. Their steps call what is below this layer, as the caller, and so
 * reach hidden tools too, but no other composite tool.
 */
export function composition(
  tools: readonly CompositeToolConfig[],
  { log, witness = () => undefined, keeper = () => undefined, steps }: Options,
): Layer {
  if (tools.length === 0) return (inner) => inner
  const composites = prepareAll(tools)
  const names = new Set(tools.map(({ name }) => name))
  const templates = createTemplates()
  const withdrawals = new Withdrawals(log)
  const exposureOver = once((catalog: Catalog) => {
    const exposure = expose(composites, catalog)
    // What one caller lacks is no news for the operator.
    return catalog.personal ? exposure : withdrawals.note(exposure)
  })
  return (inner: Gateway): Gateway => {
    const below = steps?.(inner) ?? inner
    return {
      async list(caller, signal) {
        return exposureOver(await inner.list(caller, signal)).catalog
      },
      async resolve(caller, call, signal) {
        if (call.kind !== 'tool' || !names.has(call.name)) return inner.resolve(caller, call, signal)
        const { exposed: all } = exposureOver(await inner.list(caller, signal))
        const exposed = all.get(call.name)
        if (exposed === undefined) return inner.resolve(caller, call, signal)
        return {
          item: exposed.item,
          run(exchange) {
            const ref = exchange.ref && new PartRef(exchange.ref)
            const stepRefs = new StepRefs(ref)
            const progress = call.params.object('_meta')?.has('progressToken') === true
            const own = { caller, exchange, progress, ref, stepRefs }
            const shared = { inner: below, templates, log, witness: witness(), keeper: keeper() }
            return run(call.params, { exposed, ...own, ...shared })
          },
        }
      },
      watch: (caller, signal) => inner.watch(caller, signal),
    }
  }
}

/** Puts these composite tools into a catalogue, and those that cannot work among what was dropped. */
export function withComposites(tools: readonly CompositeToolConfig[]): (catalog: Catalog) => Catalog {
  if (tools.length === 0) return (catalog) => catalog
  let composites: readonly Composite[] | undefined
  const exposureOver = once((catalog: Catalog) => {
    composites ??= prepareAll(tools)
    return expose(composites, catalog)
  })
  return (catalog) => exposureOver(catalog).catalog
}

function prepareAll(tools: readonly CompositeToolConfig[]): readonly Composite[] {
  const readSchema = schemaReader()
  return tools.map((tool) => prepare(tool, readSchema))
}
