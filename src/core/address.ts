import { BlockList, isIP } from 'node:net'

/** Addresses that are not of the public internet (IANA special-purpose registries, RFC 6890). */
const IPV4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15'],
  ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
]
/** Of IPv6 everything but 2000::/3, and there what wraps an IPv4 address or is no host. */
const IPV6 = ['::/3', '4000::/2', '8000::/1', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

// One list each: a list judges IPv4 addresses by ranges of IPv6 as well, as mapped ones.
const PRIVATE = { ipv4: listOf(IPV4, 'ipv4'), ipv6: listOf(IPV6, 'ipv6') }

/** Networks of one's own (RFC 1918, RFC 6598, RFC 4193). */
const NETWORK = {
  ipv4: listOf(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'], 'ipv4'),
  ipv6: listOf(['fc00::/7'], 'ipv6'),
}
/** Where clouds give their machines credentials, inside of those. */
const CLOUD = { ipv4: listOf(['100.100.100.200/32'], 'ipv4'), ipv6: listOf(['fd00:ec2::254/128'], 'ipv6') }

function listOf(ranges: readonly string[], kind: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [network = '', bits] = range.split('/')
    list.addSubnet(network, Number(bits), kind)
  }
  return list
}

/** Whether an IP address is loopback, private, link-local, or otherwise not of a host on the public internet. */
export function isPrivateAddress(address: string): boolean {
  return isIP(plain(address)) === 0 || isIn(PRIVATE, address)
}

/** Whether an IP address is of a host in a private network; what else is not public is of none. */
export function isNetworkAddress(address: string): boolean {
  return isIn(NETWORK, address) && !isIn(CLOUD, address)
}

function isIn(lists: { readonly ipv4: BlockList; readonly ipv6: BlockList }, address: string): boolean {
  const version = isIP(plain(address))
  if (version === 4) return lists.ipv4.check(plain(address), 'ipv4')
  return version === 6 && lists.ipv6.check(plain(address), 'ipv6')
}

function plain(address: string): string {
  return address.startsWith('[') ? address.slice(1, -1) : address
}

/** Whether an IP address is of this machine alone (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3). */
export function isLoopback(address: string): boolean {
  return address === '::1' || (isIP(address) === 4 && address.startsWith('127.'))
}

/** Whether a host is this machine by what it is called: a loopback address, or a name of it (RFC 6761 §6.3). */
export function isThisMachine(host: string): boolean {
  return isLoopback(host) || host === 'localhost' || host.endsWith('.localhost')
}
