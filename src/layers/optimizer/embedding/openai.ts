import type { RemoteEmbedding } from '../../../core/optimizer.ts'
import type { Embedder } from './embedder.ts'
import { checkVectors, postJson } from './http.ts'

const BATCH = 64

interface Row {
  readonly index: number
  readonly embedding: unknown
}

/** Speaks as OpenAI does: `POST /v1/embeddings`. */
export function openai({ url, model, headers, apiKey, timeoutMs }: RemoteEmbedding): Embedder {
  const base = url.replace(/\/+$/, '')
  const target = {
    url: `${base.endsWith('/v1') ? base : `${base}/v1`}/embeddings`,
    headers: { ...headers, ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }) },
    timeoutMs,
  }
  return {
    batch: BATCH,
    identity: async () => JSON.stringify(['openai', url, model]),
    async embed(texts, signal) {
      const answer = await postJson(target, { model, input: texts, encoding_format: 'float' }, signal)
      const { data } = answer as { readonly data?: readonly Row[] }
      const rows = Array.isArray(data) ? [...(data as readonly Row[])].sort((a, b) => a.index - b.index) : []
      return checkVectors(
        rows.map(({ embedding }) => embedding),
        texts.length,
      )
    },
  }
}
