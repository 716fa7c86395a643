import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { isLoopback, isNetworkAddress, isPrivateAddress, isThisMachine } from '../../../core/address.ts'
import type { Judge } from '../../../net/fetcher.ts'

/** How near a host is: a backend may lead us to what is as near as itself, and no nearer. */
type Reach = 'public' | 'private' | 'loopback'

/**
 * Where the metadata of a backend may send us. On this machine only if the backend itself is here, and into private
 * networks only if it is there or here; never to where clouds keep credentials. Plain HTTP on this machine only.
 */
export async function judgeFor(backend: URL, allowPrivateIp: boolean): Promise<Judge> {
  const own = await reachOf(backend)
  const reach = own === 'public' && allowPrivateIp ? 'private' : own
  return {
    url: (url) => {
      if (url.protocol === 'https:') return undefined
      if (url.protocol !== 'http:') return 'only https is allowed'
      if (!isLoopbackHost(url)) return 'only https is allowed, but for this machine'
      return reach === 'loopback' ? undefined : tooNear(url.hostname, reach)
    },
    address: (address, host) => {
      if (isThisMachine(host) && !isLoopback(address)) return `${host} does not resolve to this machine`
      return isWithin(address, reach) ? undefined : tooNear(host, reach)
    },
  }
}

/** The name says it for this machine; of others it is what they resolve to. */
export function isLoopbackHost(url: URL): boolean {
  return isThisMachine(hostOf(url))
}

async function reachOf(url: URL): Promise<Reach> {
  if (isLoopbackHost(url)) return 'loopback'
  const host = hostOf(url)
  const addresses = isIP(host) === 0 ? await addressesOf(host) : [host]
  return addresses.length > 0 && addresses.every(isPrivateAddress) ? 'private' : 'public'
}

/** None where it cannot be resolved, which is told of when it is connected to. */
async function addressesOf(host: string): Promise<string[]> {
  const found = await lookup(host, { all: true }).catch(() => [])
  return found.map(({ address }) => address)
}

function isWithin(address: string, reach: Reach): boolean {
  if (!isPrivateAddress(address)) return true
  if (reach === 'loopback' && isLoopback(address)) return true
  return reach !== 'public' && isNetworkAddress(address)
}

function tooNear(host: string, reach: Reach): string {
  return reach === 'public'
    ? `${host} has a private address, to which a public backend may not lead; allowPrivateIp allows private networks`
    : `${host} has an address to which this backend may not lead`
}

function hostOf({ hostname }: URL): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
}
