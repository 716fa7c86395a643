import { isIP } from 'node:net'

/** IP addresses that begin with the same bits (RFC 4632). */
export interface Range {
  readonly address: string
  readonly family: 'ipv4' | 'ipv6'
  /** Bits. */
  readonly prefix: number
}

/** Reads `10.0.0.0/8`, or an address alone. @returns `undefined` for what is neither */
export function parseRange(text: string): Range | undefined {
  const [address = '', bits, ...more] = text.split('/')
  const version = isIP(address)
  if (version === 0 || more.length > 0) return undefined
  const most = version === 6 ? 128 : 32
  const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN
  return prefix <= most ? { address, family: version === 6 ? 'ipv6' : 'ipv4', prefix } : undefined
}
