import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Principal } from '../../core/caller.ts'

/**
 * Ties what a client gets an id for to the client's identity, by a keyed hash of it: who reads what is stored learns
 * of nobody. Identity is issuer and subject together (OpenID Connect Core §2), whatever the token.
 */
export class Binding {
  readonly #key: Uint8Array
  readonly #known = new WeakMap<Principal, Buffer>()

  /** @param key at least 32 bytes; without one, what was bound belongs to nobody after a restart */
  constructor(key: Uint8Array = randomBytes(32)) {
    this.#key = key
  }

  of(principal: Principal): Buffer {
    const known = this.#known.get(principal)
    if (known !== undefined) return known
    const made = this.#mac([principal.issuer, principal.subject])
    this.#known.set(principal, made)
    return made
  }

  /** With what it is for, besides whose it is. */
  with({ issuer, subject }: Principal, purpose: string): Buffer {
    return this.#mac([issuer, subject, purpose])
  }

  #mac(parts: readonly string[]): Buffer {
    return createHmac('sha256', this.#key).update(JSON.stringify(parts)).digest()
  }
}

/** In a time that does not depend on where they differ. */
export function isSameBinding(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}
