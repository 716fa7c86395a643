import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { Principal } from '../../core/caller.ts'
import { canonical } from '../../core/canonical.ts'
import type { KeptRun } from '../../core/runs.ts'
import { seal, unseal } from '../sealed.ts'

const PURPOSE = 'run of a composite tool'

/** What of kept runs needs the key: sealing them, and telling whose they are without naming anybody. */
export class Vault {
  readonly #key: Uint8Array
  readonly #server: string
  readonly #macKey: Uint8Array

  /** @param server the name of the server: what one has sealed does not open for another with the same key */
  constructor(key: Uint8Array, server: string) {
    this.#key = key
    this.#server = server
    this.#macKey = new Uint8Array(hkdfSync('sha256', key, '', 'vmcp owner of a run', 32))
  }

  seal(record: Uint8Array, id: string): Buffer {
    return seal(record, this.#key, [PURPOSE, this.#server, id])
  }

  unseal(body: Buffer, id: string): string | undefined {
    return unseal(body, this.#key, [PURPOSE, this.#server, id])?.toString()
  }

  /** Identity is issuer and subject together (OpenID Connect Core §2). */
  ownerOf({ issuer, subject }: Principal): string {
    return this.#mac(['owner', issuer, subject]).toString('base64url')
  }

  isOwner(mac: string, principal: Principal): boolean {
    const [one, other] = [Buffer.from(mac), Buffer.from(this.ownerOf(principal))]
    return one.length === other.length && timingSafeEqual(one, other)
  }

  /** The same for runs of one tool with the same arguments for the same caller. */
  matchOf(
    { workflow, params }: Pick<KeptRun, 'workflow' | 'params'>,
    { issuer, subject }: Principal,
  ): string {
    return this.#mac(['match', issuer, subject, workflow, params]).subarray(0, 16).toString('base64url')
  }

  #mac(parts: readonly unknown[]): Buffer {
    return createHmac('sha256', this.#macKey)
      .update(canonical([this.#server, ...parts]))
      .digest()
  }
}
