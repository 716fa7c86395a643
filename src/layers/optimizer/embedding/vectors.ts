/** Vectors that are kept in memory. */
const MOST_VECTORS = 50_000

/** A vector by the content that it was made of, of one model. All have one length, and length 1 in space. */
export class Vectors {
  readonly #known = new Map<string, Float32Array>()
  #length = 0

  get size(): number {
    return this.#known.size
  }

  get(key: string): Float32Array | undefined {
    return this.#known.get(key)
  }

  /** Another length means another model: the vectors from before are worth nothing then. */
  add(key: string, vector: Float32Array): void {
    if (vector.length !== this.#length) this.#known.clear()
    this.#length = vector.length
    const [oldest] = this.#known.keys()
    if (this.#known.size >= MOST_VECTORS && oldest !== undefined) this.#known.delete(oldest)
    this.#known.set(key, vector)
  }

  clear(): void {
    this.#known.clear()
  }
}

export function normalized(vector: readonly number[]): Float32Array {
  const length = Math.hypot(...vector)
  return Float32Array.from(vector, (it) => (length === 0 ? 0 : it / length))
}

/** From 0, the same meaning, to 2, the opposite. */
export function distance(a: Float32Array, b: Float32Array): number {
  let product = 0
  for (let at = 0; at < a.length; at++) product += (a[at] as number) * (b[at] as number)
  return 1 - product
}
