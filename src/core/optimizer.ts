/** Clients get a tool that finds tools and one that calls them in the place of the list. */
export interface OptimizerConfig {
  /** Tools that one search returns, from 1 to 50. */
  readonly maxTools: number
  /** How much of a tool a search returns where the client does not say. */
  readonly detail: ToolDetail
  /** Advertised names of tools that stay listed. */
  readonly pinned: readonly string[]
  /** How much meaning counts against words, from 0 to 1. */
  readonly semanticRatio: number
  /** What is further away in meaning than this cosine distance, from 0 to 2, is not found by meaning. */
  readonly distanceThreshold: number
  /** What tokens are counted with; a quarter of the length of the JSON where it is absent. */
  readonly tokenizer?: TokenizerName | undefined
  /** Search is by words only where it is absent. */
  readonly embedding?: EmbeddingConfig | undefined
}

/** Name; name, title and the first sentence of the description; or the whole definition. */
export type ToolDetail = 'name' | 'summary' | 'full'

export type TokenizerName = 'cl100k_base' | 'o200k_base'

/** What turns text into vectors. */
export type EmbeddingConfig = (
  | RemoteEmbedding
  /** A folder with a model, run in this process by an optional package. */
  | { readonly provider: 'local'; readonly model: string }
) & {
  /** Vectors are kept here too, by their content; in memory only where it is absent. */
  readonly cacheFolder: string | undefined
}

export interface RemoteEmbedding {
  /** Text Embeddings Inference, or the API of OpenAI. */
  readonly provider: 'tei' | 'openai'
  readonly url: string
  readonly model: string | undefined
  readonly headers: Readonly<Record<string, string>>
  /** Secret. */
  readonly apiKey: string | undefined
  /** Of one request, in milliseconds. */
  readonly timeoutMs: number
}

export const DEFAULT_OPTIMIZER: OptimizerConfig = {
  maxTools: 8,
  detail: 'full',
  pinned: [],
  semanticRatio: 0.5,
  distanceThreshold: 1,
}
