import { createHash } from 'node:crypto'
import { appendFile, mkdir, readFile, truncate } from 'node:fs/promises'
import { join } from 'node:path'

/** Bytes of a key: SHA-256. */
const KEY = 32
/** Of one file; beyond it, it begins anew. */
const MOST_BYTES = 512 * 1024 * 1024

/**
 * Vectors of one model on disk, in `NAME-LENGTH.vectors` one after the other: the key, and the numbers as 32-bit
 * floats in little endian.
 */
export class VectorFile {
  readonly #folder: string | undefined
  readonly #identity: string
  readonly #name: string

  /** @param folder keeps nothing where it is absent */
  constructor(folder: string | undefined, identity: string) {
    this.#folder = folder
    this.#identity = identity
    this.#name = createHash('sha256').update(identity).digest('hex').slice(0, 24)
  }

  isOf(identity: string): boolean {
    return this.#identity === identity
  }

  /** None where there is no such file yet, or not a whole one. */
  async read(length: number): Promise<ReadonlyMap<string, Float32Array>> {
    if (this.#folder === undefined) return new Map()
    const size = KEY + length * 4
    const path = this.#path(this.#folder, length)
    const bytes = await readFile(path).catch(() => Buffer.alloc(0))
    const whole = bytes.length > MOST_BYTES ? 0 : bytes.length - (bytes.length % size)
    // What a program that was killed had begun to write would be in the way of what comes after it.
    if (whole < bytes.length) await truncate(path, whole)
    const vectors = new Map<string, Float32Array>()
    for (let at = 0; at + size <= whole; at += size) {
      const key = bytes.toString('base64url', at, at + KEY)
      const vector = new Float32Array(length)
      for (let i = 0; i < length; i++) vector[i] = bytes.readFloatLE(at + KEY + i * 4)
      if (isWhole(vector)) vectors.set(key, vector)
    }
    return vectors
  }

  async append(vectors: ReadonlyMap<string, Float32Array>): Promise<void> {
    const [first] = vectors.values()
    if (first === undefined || this.#folder === undefined) return
    await mkdir(this.#folder, { recursive: true })
    const records = [...vectors].map(([key, vector]) => {
      const record = Buffer.alloc(KEY + vector.length * 4)
      record.write(key, 0, 'base64url')
      vector.forEach((value, at) => {
        record.writeFloatLE(value, KEY + at * 4)
      })
      return record
    })
    await appendFile(this.#path(this.#folder, first.length), Buffer.concat(records), { mode: 0o600 })
  }

  #path(folder: string, length: number): string {
    return join(folder, `${this.#name}-${length}.vectors`)
  }
}

/** What was cut off or written over is no vector of length 1. */
function isWhole(vector: Float32Array): boolean {
  const square = vector.reduce((sum, it) => sum + it * it, 0)
  return Math.abs(square - 1) < 0.01
}
