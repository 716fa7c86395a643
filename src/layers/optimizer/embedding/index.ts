import type { EmbeddingConfig } from '../../../core/optimizer.ts'
import type { Embedder } from './embedder.ts'
import { local } from './local.ts'
import { openai } from './openai.ts'
import { tei } from './tei.ts'

/** Each provider is a file and a line here. */
export function createEmbedder(config: EmbeddingConfig): Embedder {
  switch (config.provider) {
    case 'tei':
      return tei(config)
    case 'openai':
      return openai(config)
    case 'local':
      return local(config)
  }
}
