import { expect } from 'vitest'

/** What was written or said, by where. */
export type Texts = Readonly<Record<string, string>>

/** Longer secrets are looked for in pieces of this length too. */
const PIECE = 24

/** Whatever would let somebody in, by where it was found. */
export class Secrets {
  readonly #found = new Map<string, string>()

  get size(): number {
    return this.#found.size
  }

  /** @throws where one is so short that it could be anywhere */
  add(where: string, values: readonly string[]): void {
    for (const value of values) {
      const secret = value.replace(/^(Bearer|Basic) /, '')
      expect(secret.length, where).toBeGreaterThan(10)
      this.#found.set(secret, where)
    }
  }

  /** Neither a secret nor a piece of one is in any of these. */
  expectNotIn(texts: Texts): void {
    for (const [secret, where] of this.#found)
      for (const part of partsOf(secret))
        for (const [name, text] of Object.entries(texts))
          expect(text.includes(part), `what is of ${where} in ${name}: ${around(text, part)}`).toBe(false)
  }
}

/** A secret, and pieces of it: the head of a JWT is that of others too. */
function partsOf(secret: string): string[] {
  const body = secret.split('.').length === 3 ? secret.slice(secret.indexOf('.') + 1) : secret
  return [secret, secret.slice(-PIECE), ...(body.match(new RegExp(`.{${PIECE}}`, 'g')) ?? [])]
}

function around(text: string, part: string): string {
  const at = text.indexOf(part)
  return at < 0 ? '' : `…${text.slice(Math.max(0, at - 200), at)}`
}
