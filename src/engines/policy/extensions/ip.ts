import { isIPv4, isIPv6 } from 'node:net'
import { Extension } from './extension.ts'

const PREFIX = /^(0|[1-9]\d{0,2})$/

/** An address, or a range of them. */
export class IpAddress extends Extension {
  readonly isV6: boolean
  readonly #address: bigint
  readonly #prefix: number

  constructor(isV6: boolean, address: bigint, prefix: number) {
    super()
    this.isV6 = isV6
    this.#address = address
    this.#prefix = prefix
  }

  /** `undefined` where it is not written as one. */
  static parse(text: string): IpAddress | undefined {
    const [address = '', prefix, ...more] = text.split('/')
    const isV6 = address.includes(':')
    const isWritten = isV6 ? isIPv6(address) && !/[.%]/.test(address) : isIPv4(address)
    if (!isWritten || more.length > 0) return undefined
    const most = isV6 ? 128 : 32
    if (prefix !== undefined && (!PREFIX.test(prefix) || Number(prefix) > most)) return undefined
    return new IpAddress(isV6, isV6 ? bitsOf6(address) : bitsOf4(address), Number(prefix ?? most))
  }

  isSame(other: Extension): boolean {
    if (!(other instanceof IpAddress) || other.isV6 !== this.isV6) return false
    return other.#address === this.#address && other.#prefix === this.#prefix
  }

  isInRange(range: IpAddress): boolean {
    if (range.isV6 !== this.isV6 || this.#prefix < range.#prefix) return false
    return this.#network(range.#prefix) === range.#network(range.#prefix)
  }

  get isLoopback(): boolean {
    return this.isInRange(this.isV6 ? LOOPBACK_6 : LOOPBACK_4)
  }

  get isMulticast(): boolean {
    return this.isInRange(this.isV6 ? MULTICAST_6 : MULTICAST_4)
  }

  #network(prefix: number): bigint {
    return this.#address >> BigInt((this.isV6 ? 128 : 32) - prefix)
  }
}

const LOOPBACK_4 = IpAddress.parse('127.0.0.0/8') as IpAddress
const LOOPBACK_6 = IpAddress.parse('::1') as IpAddress
const MULTICAST_4 = IpAddress.parse('224.0.0.0/4') as IpAddress
const MULTICAST_6 = IpAddress.parse('ff00::/8') as IpAddress

function bitsOf4(address: string): bigint {
  return address.split('.').reduce((bits, part) => (bits << 8n) | BigInt(part), 0n)
}

function bitsOf6(address: string): bigint {
  const [head = '', tail] = address.split('::')
  const before = groups(head)
  const after = groups(tail ?? '')
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length
  return [...before, ...Array<bigint>(zeros).fill(0n), ...after].reduce((bits, it) => (bits << 16n) | it, 0n)
}

function groups(text: string): bigint[] {
  return text === '' ? [] : text.split(':').map((group) => BigInt(`0x${group}`))
}
