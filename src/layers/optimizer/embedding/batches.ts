import { GatewayError } from '../../../core/errors.ts'
import type { Embedder } from './embedder.ts'

/** Of one text. Models read some 500 to 8,000 tokens, and the beginning tells the most. */
const LONGEST = 8_000
const SHORTEST = 250

/** Embeds texts, fewer or less of each where the service refuses that many or that long ones. @throws GatewayError */
export async function embedAll(
  texts: readonly string[],
  embedder: Embedder,
  signal: AbortSignal,
): Promise<readonly (readonly number[])[]> {
  const vectors: (readonly number[])[] = []
  for (let at = 0; at < texts.length; at += embedder.batch) {
    const batch = texts.slice(at, at + embedder.batch).map((text) => text.slice(0, LONGEST))
    vectors.push(...(await embedFitting(batch, embedder, signal)))
  }
  return vectors
}

async function embedFitting(
  texts: readonly string[],
  embedder: Embedder,
  signal: AbortSignal,
): Promise<readonly (readonly number[])[]> {
  try {
    return await embedder.embed(texts, signal)
  } catch (error) {
    const isTooLarge = GatewayError.from(error).code === 'too_large'
    const [only = ''] = texts
    if (!isTooLarge || (texts.length === 1 && only.length <= SHORTEST)) throw error
    if (texts.length === 1) return embedFitting([only.slice(0, only.length / 2)], embedder, signal)
    const half = Math.ceil(texts.length / 2)
    return [
      ...(await embedFitting(texts.slice(0, half), embedder, signal)),
      ...(await embedFitting(texts.slice(half), embedder, signal)),
    ]
  }
}
