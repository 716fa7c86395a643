import type { Catalog } from './core/catalog.ts'
import type { Layer } from './core/gateway.ts'
import type { Log } from './core/log.ts'
import type { Meter } from './core/meter.ts'
import type { EmbeddingConfig, OptimizerConfig } from './core/optimizer.ts'
import { type Backends, lastReady } from './core/ports.ts'
import type { Kept } from './kept.ts'
import { Counts } from './layers/optimizer/counts.ts'
import { optimizer } from './layers/optimizer/index.ts'
import type { Find } from './layers/optimizer/search.ts'

interface Parts {
  readonly kept: Kept
  readonly backends: Pick<Backends, 'all'>
  readonly log: Log
  readonly meter: Meter | undefined
}

/** A layer that offers two tools in the place of all, and what is told of it. */
export interface Optimizer {
  readonly layer: Layer
  /** What is told of it at `/status`. */
  status(): object
  close(): void
}

/** The search is loaded when a client lists for the first time, and not before. */
export function createOptimizer(config: OptimizerConfig, { kept, backends, log, meter }: Parts): Optimizer {
  const counts = meter && new Counts(meter)
  const meaningOf = (embedding: EmbeddingConfig) =>
    kept.get('embedding', [embedding, config.distanceThreshold], async () => {
      const { EmbeddedMeaning } = await import('./layers/optimizer/embedding/meaning.ts')
      return new EmbeddedMeaning({ config: embedding, threshold: config.distanceThreshold, log })
    })
  let find: Promise<Find> | undefined
  let status: Find['status'] | undefined
  const load = async () => {
    const { createFind } = await import('./layers/optimizer/search.ts')
    const meaning = config.embedding && (await meaningOf(config.embedding))
    const made = await createFind({ config, meaning, log, returned: counts?.returned })
    status = made.status
    return made
  }
  const search = () => {
    find ??= load()
    return find
  }
  const warm = (catalog: Catalog) =>
    void search()
      .then((it) => it.prepare(catalog))
      .catch((error: unknown) => log.warn({ err: error }, 'the tools cannot be made ready to be found'))
  return {
    layer: optimizer({ config, search, warm, counts, about: (name) => aboutOf(name, backends) }),
    status: () => ({ optimizer: { ...status?.() } }),
    close: () => void find?.then((it) => it.close()).catch(() => {}),
  }
}

/** Its title or description, or the beginning of its instructions. */
function aboutOf(name: string, { all }: Pick<Backends, 'all'>): string | undefined {
  const state = all.find((backend) => backend.name === name)?.state
  const server = state && lastReady(state)?.server
  const { description } = server?.info ?? {}
  return typeof description === 'string' && description !== ''
    ? description
    : server?.instructions?.trim().split(/\n|(?<=[.!?])\s/)[0]
}
