import { createPrivateKey, createPublicKey, hash, type JsonWebKey, type KeyObject } from 'node:crypto'
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { GatewayError } from './errors.ts'
import type { AssertionAlgorithm, AssertionConfig } from './mapped-claims-config.ts'

interface Kind {
  readonly type: 'ec' | 'ed25519' | 'rsa'
  readonly curve?: string
}

const KINDS: Readonly<Record<AssertionAlgorithm, Kind>> = {
  ES256: { type: 'ec', curve: 'prime256v1' },
  ES384: { type: 'ec', curve: 'secp384r1' },
  ES512: { type: 'ec', curve: 'secp521r1' },
  EdDSA: { type: 'ed25519' },
  PS256: { type: 'rsa' },
  RS256: { type: 'rsa' },
}
const LEAST_RSA_BITS = 2048

/**
 * The private key that we sign with.
 * @throws GatewayError `config` where it is no key for the algorithm, or anybody may read the file
 */
export function openSigningKey({ key, algorithm }: Pick<AssertionConfig, 'key' | 'algorithm'>): KeyObject {
  const place = 'file' in key ? key.file : key.place
  const opened = parse('file' in key ? readSigningKey(key.file) : unescaped(key.text), place)
  const fault = faultOf(opened, algorithm)
  if (fault !== undefined) throw new GatewayError('config', `${place} ${fault}`)
  return opened
}

/** A public key as those who verify our signatures get it (RFC 7517 §4). */
export interface PublishedKey extends JsonWebKey {
  readonly kid: string
  readonly alg: AssertionAlgorithm
  readonly use: 'sig'
}

/** @param key public, or the private one */
export function publishedKey(
  key: KeyObject,
  { algorithm, keyId }: Pick<AssertionConfig, 'algorithm' | 'keyId'>,
): PublishedKey {
  const jwk = createPublicKey(key).export({ format: 'jwk' })
  return { ...jwk, kid: keyId ?? thumbprint(jwk), alg: algorithm, use: 'sig' }
}

/** RFC 7638 §3.2, and RFC 8037 §2 for Ed25519. */
const THUMBED = ['crv', 'e', 'kty', 'n', 'x', 'y'] as const

function thumbprint(jwk: JsonWebKey): string {
  const members = THUMBED.filter((name) => jwk[name] !== undefined).map((name) => [name, jwk[name]])
  return hash('sha256', JSON.stringify(Object.fromEntries(members)), 'base64url')
}

/** Some environments cannot hold line breaks. */
function unescaped(text: string): string {
  return text.replaceAll('\\n', '\n')
}

function parse(pem: string, place: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch {
    // What the library says may quote the key.
    const make = 'openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256'
    throw new GatewayError('config', `${place} holds no private key in PEM (make one with: ${make})`)
  }
}

function faultOf(
  { asymmetricKeyType, asymmetricKeyDetails }: KeyObject,
  algorithm: AssertionAlgorithm,
): string | undefined {
  const { type, curve } = KINDS[algorithm]
  const { namedCurve, modulusLength = 0 } = asymmetricKeyDetails ?? {}
  if (asymmetricKeyType !== type || (curve !== undefined && namedCurve !== curve))
    return `holds a key of another kind than ${algorithm} needs: ${curve ?? type}`
  if (type === 'rsa' && modulusLength < LEAST_RSA_BITS)
    return `holds an RSA key of fewer than ${LEAST_RSA_BITS} bits`
  return undefined
}

/** @throws GatewayError `config` where there is none, or others may read it */
export function readSigningKey(path: string): string {
  try {
    const file = openSync(path, 'r')
    try {
      checkMode(path, fstatSync(file).mode)
      return readFileSync(file, 'utf8')
    } finally {
      closeSync(file)
    }
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause
    const { code } = cause as NodeJS.ErrnoException
    throw new GatewayError('config', `the signing key ${path} cannot be read: ${code}`, { cause })
  }
}

/** A group may read: that is how secrets come into containers. Windows has no such modes. */
function checkMode(path: string, mode: number): void {
  if (process.platform === 'win32' || (mode & 0o037) === 0) return
  throw new GatewayError(
    'config',
    `others may read or change the signing key ${path}: make it yours alone (chmod 600)`,
  )
}
