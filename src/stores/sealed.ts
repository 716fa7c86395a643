import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

const CIPHER = 'aes-256-gcm'
const VERSION = 1
const SALT = 24
const TAG = 16
const HEADER = 1 + SALT + TAG

/**
 * A secret at rest: encrypted and authenticated (AES-256-GCM), and bound to what it is and whose, which is not in it.
 * Each seal has a key and nonce of its own, derived from a random salt (HKDF, RFC 5869), so that one secret can seal
 * any number of records.
 * @param secret 32 bytes, from `openKey`
 * @param binding such as a purpose and the name of the record; it is needed again to open the seal
 */
export function seal(plain: string | Uint8Array, secret: Uint8Array, binding: readonly string[]): Buffer {
  const salt = randomBytes(SALT)
  const { key, nonce } = derive(secret, salt)
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(aadOf(binding))
  const text = Buffer.concat([cipher.update(plain), cipher.final()])
  return Buffer.concat([Buffer.of(VERSION), salt, cipher.getAuthTag(), text])
}

/** @returns `undefined` for what was changed, sealed with another secret, or bound to something else */
export function unseal(
  sealed: Uint8Array,
  secret: Uint8Array,
  binding: readonly string[],
): Buffer | undefined {
  if (sealed.length < HEADER || sealed[0] !== VERSION) return undefined
  const { key, nonce } = derive(secret, sealed.subarray(1, 1 + SALT))
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG })
  decipher.setAAD(aadOf(binding)).setAuthTag(sealed.subarray(1 + SALT, HEADER))
  const plain = decipher.update(sealed.subarray(HEADER))
  try {
    return Buffer.concat([plain, decipher.final()])
  } catch {
    return undefined
  }
}

function derive(secret: Uint8Array, salt: Uint8Array): { key: Uint8Array; nonce: Uint8Array } {
  const made = new Uint8Array(hkdfSync('sha256', secret, salt, 'vmcp sealed record', 44))
  return { key: made.subarray(0, 32), nonce: made.subarray(32) }
}

/** The version is authenticated too. */
function aadOf(binding: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify([VERSION, ...binding]))
}
