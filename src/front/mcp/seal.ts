import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'

const NONCE = 12
const TAG = 16
const CIPHER = 'aes-256-gcm'

/**
 * Puts text into the hands of clients that they can neither read nor change, and that opens only for what it was
 * bound to. The nonce is a MAC of the text and its binding, so that the same text gives the same seal and no two
 * texts share a nonce (after RFC 5297, synthetic IV).
 */
export class Seal {
  readonly #key: Uint8Array
  readonly #nonceKey: Uint8Array

  /** @param secret at least 32 bytes; without one, what was sealed does not open after a restart */
  constructor(secret: Uint8Array = randomBytes(32)) {
    this.#key = derive(secret, 'seal')
    this.#nonceKey = derive(secret, 'nonce')
  }

  /** @returns base64url */
  close(text: string, binding: readonly string[]): string {
    const bound = Buffer.from(JSON.stringify(binding))
    const nonce = createHmac('sha256', this.#nonceKey)
      .update(JSON.stringify([bound.toString(), text]))
      .digest()
      .subarray(0, NONCE)
    const cipher = createCipheriv(CIPHER, this.#key, nonce).setAAD(bound)
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')
  }

  /** @returns `undefined` for what was not sealed here, or bound to something else */
  open(sealed: string, binding: readonly string[]): string | undefined {
    const bytes = Buffer.from(sealed, 'base64url')
    // One seal has one spelling: decoding would overlook characters that are none, and bits that stand for nothing.
    if (bytes.length < NONCE + TAG || bytes.toString('base64url') !== sealed) return undefined
    try {
      const decipher = createDecipheriv(CIPHER, this.#key, bytes.subarray(0, NONCE))
      decipher.setAAD(Buffer.from(JSON.stringify(binding))).setAuthTag(bytes.subarray(NONCE, NONCE + TAG))
      return decipher.update(bytes.subarray(NONCE + TAG), undefined, 'utf8') + decipher.final('utf8')
    } catch {
      return undefined
    }
  }
}

function derive(secret: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', `vmcp ${purpose}`, 32))
}
