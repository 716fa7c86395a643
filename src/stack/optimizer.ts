import type { Catalog } from '../core/catalog.ts'
import type { Layer } from '../core/gateway.ts'
import type { Log } from '../core/log.ts'
import type { OptimizerConfig } from '../core/optimizer.ts'
import { type Backends, lastReady } from '../core/ports.ts'
import type { Telemetry } from '../core/telemetry.ts'
import { Counts } from '../layers/optimizer/counts.ts'
import type { Meaning } from '../layers/optimizer/finder.ts'
import { optimizer } from '../layers/optimizer/index.ts'
import type { Find } from '../layers/optimizer/search.ts'
import { Spans } from '../layers/optimizer/spans.ts'
import type { Kept } from './kept.ts'

interface Parts {
  readonly kept: Kept
  readonly backends: Pick<Backends, 'all'>
  readonly log: Log
  /** What counts and traces what is done; `undefined` where nothing does. */
  readonly telemetry: Pick<Telemetry, 'meter' | 'beginPart'> | undefined
}

/** A layer that offers two tools in the place of all, and what is told of it. */
export interface Optimizer {
  readonly layer: Layer
  /** What is told of it at `/status`. */
  status(): object
}

const NAME = 'optimizer'

/** The same for the same settings. The search is loaded when a client lists for the first time, and not before. */
export function optimizerOf(config: OptimizerConfig, parts: Parts): Optimizer {
  const { kept, telemetry } = parts
  const meaning = meaningOf(config, parts)
  return kept.get(NAME, {
    settings: config,
    parts: [telemetry?.meter, telemetry?.beginPart, meaning],
    make: () => createOptimizer(config, { ...parts, meaning }),
  })
}

/** Of the configuration that is served. */
export function optimizerIn(kept: Kept): Optimizer | undefined {
  return kept.peek(NAME)
}

/** What texts mean is kept, though other settings of the optimizer change: to work it out anew takes long. */
interface LateMeaning {
  load(): Promise<Meaning>
  close(): void
}

function meaningOf(
  { embedding, distanceThreshold: threshold }: OptimizerConfig,
  { kept, log }: Parts,
): LateMeaning | undefined {
  if (embedding === undefined) return undefined
  let loading: Promise<Meaning> | undefined
  const load = async () => {
    const { EmbeddedMeaning } = await import('../layers/optimizer/embedding/meaning.ts')
    return new EmbeddedMeaning({ config: embedding, threshold, log })
  }
  return kept.get<LateMeaning>('embedding', {
    settings: [embedding, threshold],
    make: () => ({
      load() {
        loading ??= load()
        return loading
      },
      close: () => void loading?.then((it) => it.close()).catch(() => {}),
    }),
    close: (it) => it.close(),
  })
}

function createOptimizer(
  config: OptimizerConfig,
  { backends, log, telemetry, meaning }: Parts & { readonly meaning: LateMeaning | undefined },
): Optimizer {
  const { meter, beginPart } = telemetry ?? {}
  const counts = meter && new Counts(meter)
  const spans = beginPart && new Spans(beginPart)
  let find: Promise<Find> | undefined
  let status: Find['status'] | undefined
  const load = async () => {
    const { createFind } = await import('../layers/optimizer/search.ts')
    const made = await createFind({ config, meaning: await meaning?.load(), log, returned: counts?.returned })
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
    layer: optimizer({ config, search, warm, counts, spans, about: (name) => aboutOf(name, backends) }),
    status: () => ({ optimizer: { ...status?.() } }),
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
