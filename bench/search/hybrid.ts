import { type Catalog, type ToolItem, UNCACHEABLE } from '../../src/core/catalog.ts'
import { silent } from '../../src/core/log.ts'
import { DEFAULT_OPTIMIZER } from '../../src/core/optimizer.ts'
import { EmbeddedMeaning } from '../../src/layers/optimizer/embedding/meaning.ts'
import { Finder } from '../../src/layers/optimizer/finder.ts'
import type { Ask } from './score.ts'

const PATIENCE_MS = 600_000

/** Search by words and by meaning together, as with the defaults. @param model of OpenAI; TEI where it is absent */
export async function hybrid(tools: readonly ToolItem[], url: string, model?: string): Promise<Ask> {
  const meaning = new EmbeddedMeaning({
    config: {
      provider: model === undefined ? 'tei' : 'openai',
      url,
      model,
      headers: {},
      apiKey: process.env['OPENAI_API_KEY'],
      timeoutMs: PATIENCE_MS,
      cacheFolder: process.env['VMCP_BENCH_VECTORS'],
    },
    threshold: DEFAULT_OPTIMIZER.distanceThreshold,
    log: silent,
    patienceMs: PATIENCE_MS,
  })
  const finder = new Finder({ ...DEFAULT_OPTIMIZER, meaning })
  const catalog: Catalog = {
    tools,
    prompts: [],
    resources: [],
    templates: [],
    dropped: [],
    caching: () => UNCACHEABLE,
  }
  await finder.prepare(catalog)
  const { status } = meaning
  if (status.status === 'down') throw new Error(status.reason)
  const { signal } = new AbortController()
  const search = { keywords: [], server: undefined, detail: undefined }
  return async (description, k) => {
    const found = await finder.find(catalog, { ...search, description }, signal)
    return found.slice(0, k).map(({ name }) => name)
  }
}
