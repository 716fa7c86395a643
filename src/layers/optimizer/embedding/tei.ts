import type { RemoteEmbedding } from '../../../core/optimizer.ts'
import type { Embedder } from './embedder.ts'
import { checkVectors, getJson, postJson } from './http.ts'

/** What Text Embeddings Inference takes where nobody has changed it (`--max-client-batch-size`). */
const BATCH = 32

/** Speaks to Text Embeddings Inference: `POST /embed`, `GET /info`. */
export function tei({ url, headers, timeoutMs }: RemoteEmbedding): Embedder {
  const at = (path: string) => ({ url: `${url.replace(/\/+$/, '')}${path}`, headers, timeoutMs })
  return {
    batch: BATCH,
    async identity(signal) {
      const info = await getJson(at('/info'), signal)
      const { model_id: model, model_sha: sha } = info as Record<string, unknown>
      return JSON.stringify(['tei', url, model, sha])
    },
    async embed(texts, signal) {
      const answer = await postJson(at('/embed'), { inputs: texts, truncate: true, normalize: true }, signal)
      return checkVectors(answer, texts.length)
    },
  }
}
