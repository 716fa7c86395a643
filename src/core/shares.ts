import { ANONYMOUS, type Principal } from './caller.ts'

/** One principal's part of the room, of four. */
const PARTS = 4

const EVERYBODY = ownerOf(ANONYMOUS)

/** Who takes a place: identity is issuer and subject together (OpenID Connect Core §2). */
export function ownerOf({ issuer, subject }: Principal): string {
  return JSON.stringify([issuer, subject])
}

/**
 * How many places each principal has, so that none takes them all. The callers of an anonymous server cannot be told
 * apart, and share the whole.
 */
export class Shares {
  readonly #taken = new Map<string, number>()
  readonly #room: number

  constructor(room: number) {
    this.#room = room
  }

  of(owner: string): number {
    return this.#taken.get(owner) ?? 0
  }

  most(owner: string): number {
    return owner === EVERYBODY ? this.#room : Math.ceil(this.#room / PARTS)
  }

  take(owner: string): void {
    this.#taken.set(owner, this.of(owner) + 1)
  }

  giveBack(owner: string): void {
    const left = this.of(owner) - 1
    if (left > 0) this.#taken.set(owner, left)
    else this.#taken.delete(owner)
  }
}
