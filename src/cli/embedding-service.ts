import { request } from 'undici'
import { DEFAULT_OPTIMIZER, type OptimizerConfig, type RemoteEmbedding } from '../core/optimizer.ts'
import { EXIT, UserError } from './exit.ts'

/** Names an embedding service for `--optimizer-embedding`. */
const VARIABLE = 'VMCP_EMBEDDING_SERVICE'
/** Where Text Embeddings Inference listens when it is started as its documentation says. */
const USUAL = 'http://127.0.0.1:8080'
const TIMEOUT_MS = 30_000
const LOOK_MS = 2_000
const MODEL = 'BAAI/bge-small-en-v1.5'

export interface EmbeddingFlags {
  readonly embeddingModel?: string
}

/**
 * The configuration with an embedding service: its own, the one that the environment names, or the one that runs on
 * this machine.
 * @throws UserError
 */
export async function withEmbedding(
  optimizer: OptimizerConfig = DEFAULT_OPTIMIZER,
  { embeddingModel: wanted }: EmbeddingFlags,
  env: NodeJS.ProcessEnv,
): Promise<OptimizerConfig> {
  if (optimizer.embedding !== undefined) return optimizer
  const url = env[VARIABLE] || USUAL
  const model = await modelOf(url)
  if (model === undefined) throw missing(url, wanted ?? MODEL, env[VARIABLE] !== undefined)
  if (wanted !== undefined && wanted !== model)
    throw new UserError(
      `the embedding service at ${new URL(url).origin} runs the model ${model}, not ${wanted}; start it with --model-id ${wanted}`,
      EXIT.config,
    )
  const embedding: RemoteEmbedding & { cacheFolder: undefined } = {
    provider: 'tei',
    url,
    model,
    headers: {},
    apiKey: undefined,
    timeoutMs: TIMEOUT_MS,
    cacheFolder: undefined,
  }
  return { ...optimizer, embedding }
}

/** What Text Embeddings Inference says that it runs; `undefined` where nobody answers as it does. */
async function modelOf(url: string): Promise<string | undefined> {
  try {
    const signal = AbortSignal.timeout(LOOK_MS)
    const { statusCode, body } = await request(`${url.replace(/\/+$/, '')}/info`, { signal })
    const info = (await body.json()) as { readonly model_id?: unknown }
    return statusCode === 200 && typeof info?.model_id === 'string' ? info.model_id : undefined
  } catch {
    return undefined
  }
}

function missing(url: string, model: string, isNamed: boolean): UserError {
  const where = isNamed
    ? `${VARIABLE} names ${url}, where none answers`
    : `none is configured, and none answers at ${url}`
  return new UserError(
    `--optimizer-embedding needs an embedding service: ${where}. Set optimizer.embeddingService, or start one:\n` +
      `  docker run -p 8080:80 ghcr.io/huggingface/text-embeddings-inference:cpu-latest --model-id ${model}\n` +
      'or use --optimizer, which finds tools by their words and needs nothing.',
    EXIT.config,
  )
}
