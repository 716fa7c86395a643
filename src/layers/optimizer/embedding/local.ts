import { GatewayError } from '../../../core/errors.ts'
import type { Embedder } from './embedder.ts'
import { checkVectors } from './http.ts'

/** The package that runs models in this process. It is not installed with ours. */
const PACKAGE = '@huggingface/transformers'
const BATCH = 16

type Extract = (
  texts: readonly string[],
  options: { readonly pooling: 'mean'; readonly normalize: true },
) => Promise<{ tolist(): unknown }>

interface Transformers {
  readonly env: { allowRemoteModels: boolean }
  pipeline(task: 'feature-extraction', model: string): Promise<Extract>
}

/** Runs the model of a folder, in ONNX format, in this process. Nothing is fetched from anywhere. */
export function local({ model }: { readonly model: string }): Embedder {
  let loading: Promise<Extract> | undefined
  const load = () => {
    loading ??= open(model)
    return loading
  }
  return {
    batch: BATCH,
    identity: async () => JSON.stringify(['local', model]),
    async embed(texts) {
      const extract = await load()
      const answer = await extract(texts, { pooling: 'mean', normalize: true })
      return checkVectors(answer.tolist(), texts.length)
    },
  }
}

async function open(model: string): Promise<Extract> {
  let transformers: Transformers
  try {
    transformers = (await import(PACKAGE)) as Transformers
  } catch (error) {
    throw new GatewayError(
      'config',
      `embeddingProvider local needs the package ${PACKAGE}, which is not installed: npm install ${PACKAGE}`,
      { cause: error },
    )
  }
  transformers.env.allowRemoteModels = false
  try {
    return await transformers.pipeline('feature-extraction', model)
  } catch (error) {
    throw new GatewayError('config', `the model in ${model} cannot be loaded`, { cause: error })
  }
}
