import { ANONYMOUS, type Principal } from '../core/caller.ts'
import { GatewayError } from '../core/errors.ts'

/** One principal's part of the room, of four. */
const PARTS = 4

const EVERYBODY = ownerOf(ANONYMOUS)

/** Who takes a connection. */
export function ownerOf({ issuer, subject }: Principal): string {
  return JSON.stringify([issuer, subject])
}

/**
 * How many connections each principal has, so that none takes them all. The callers of an anonymous server cannot
 * be told apart, and share the whole.
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

export function noRoom(name: string, room: number): GatewayError {
  return full(name, `${room} clients have a connection to it already`)
}

export function noShare(name: string, most: number): GatewayError {
  return full(name, `you have ${most} connections to it already, which is the share of one user`)
}

function full(name: string, why: string): GatewayError {
  const message = `backend '${name}': ${why}; set connection: shared if it keeps nothing per client`
  return new GatewayError('unavailable', message, { data: { backend: name, reason: 'overloaded' } })
}
