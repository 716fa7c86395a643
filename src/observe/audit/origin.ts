import { BlockList, isIP } from 'node:net'
import { parseRange } from '../../core/range.ts'
import type { Source } from '../../core/witness.ts'

/** Entries of one X-Forwarded-For that are looked at, from the nearest on. */
const MOST_HOPS = 32

/** Tells where a request comes from: the peer, or what trusted proxies say of whom they speak for. */
export type FindAddress = (source: Source) => string | undefined

/** @param proxies addresses and CIDR ranges */
export function addressFinder(proxies: readonly string[]): FindAddress {
  if (proxies.length === 0) return ({ address }) => address && plain(address)
  const trusted = blockList(proxies)
  const isTrusted = (address: string) => trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
  return ({ address, headers }) => {
    if (address === undefined) return undefined
    let nearest = plain(address)
    if (isIP(nearest) === 0) return nearest
    for (const hop of hopsOf(headers['x-forwarded-for'])) {
      if (!isTrusted(nearest) || hop === undefined) return nearest
      nearest = hop
    }
    return nearest
  }
}

/** @throws what is no address or range */
function blockList(proxies: readonly string[]): BlockList {
  const list = new BlockList()
  for (const proxy of proxies) {
    const { address, family, prefix } = parseRange(proxy) ?? invalid(proxy)
    list.addSubnet(address, prefix, family)
  }
  return list
}

function invalid(proxy: string): never {
  throw new TypeError(`not an address or a CIDR range: ${proxy}`)
}

/** Each proxy appends whom it heard: the last is the nearest. `undefined` for what is no address. */
function hopsOf(header: string | readonly string[] | undefined): readonly (string | undefined)[] {
  if (header === undefined) return []
  return String(header).split(',').slice(-MOST_HOPS).reverse().map(addressIn)
}

/** Without a port, and without the brackets of an IPv6 address that has one. */
function addressIn(text: string): string | undefined {
  const [, bracketed, bare] = /^\s*(?:\[([^\]]+)\](?::\d+)?|([^\s]+))\s*$/.exec(text) ?? []
  const address = bracketed ?? (isIP(bare ?? '') === 0 ? bare?.replace(/:\d+$/, '') : bare)
  return address !== undefined && isIP(address) !== 0 ? plain(address) : undefined
}

/** An IPv4 address as such, where a socket for both gives it as IPv6. */
function plain(address: string): string {
  if (!address.startsWith('::')) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  return mapped?.[1] ?? address
}
