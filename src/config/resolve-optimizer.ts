import type { EmbeddingConfig, OptimizerConfig } from '../core/optimizer.ts'
import type { RuleContext } from './rules/rule.ts'
import type { ConfigInput } from './schema/root.ts'

type OptimizerInput = NonNullable<ConfigInput['optimizer']>

export function toOptimizer(input: OptimizerInput, context: RuleContext): OptimizerConfig {
  return {
    maxTools: input.maxToolsToReturn,
    detail: input.detail,
    pinned: input.pinned ?? [],
    semanticRatio: input.hybridSearchSemanticRatio,
    distanceThreshold: input.semanticDistanceThreshold,
    tokenizer: input.tokenizer,
    embedding: toEmbedding(input, context),
  }
}

function toEmbedding(input: OptimizerInput, { env }: RuleContext): EmbeddingConfig | undefined {
  const { embeddingProvider: provider, embeddingService: url, embeddingModel: model } = input
  const cacheFolder = input.embeddingCache
  if (provider === 'local') return { provider, model: model ?? '', cacheFolder }
  if (url === undefined) return undefined
  return {
    provider,
    url,
    model,
    headers: input.embeddingHeaders ?? {},
    apiKey: provider === 'openai' ? env['OPENAI_API_KEY'] || undefined : undefined,
    timeoutMs: input.embeddingServiceTimeout,
    cacheFolder,
  }
}
