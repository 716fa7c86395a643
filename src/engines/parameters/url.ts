import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'
import { isPrivateAddress } from '../../core/address.ts'
import type { UrlRule } from '../../core/parameters.ts'
import { carriedHosts } from './carried.ts'

/** Finds the addresses of a host name. */
export type Lookup = (hostname: string) => Promise<readonly string[]>

/** What is wrong with a URL under a rule; `undefined` where nothing is. Never the URL itself, which may hold secrets. */
export type CheckUrl = (value: unknown) => string | undefined | Promise<string | undefined>

const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  'http:': 80,
  'https:': 443,
  'ws:': 80,
  'wss:': 443,
  'ftp:': 21,
}

export function urlCheck(rule: UrlRule, lookup: Lookup): CheckUrl {
  const schemes = rule.schemes?.map((scheme) => `${scheme.toLowerCase()}:`)
  const hosts = rule.hosts?.map(hostPattern)
  return (value) => {
    if (typeof value !== 'string') return 'must be a URL'
    const url = parsed(value)
    if (typeof url === 'string') return url
    if (schemes !== undefined && !schemes.includes(url.protocol))
      return `must have one of the schemes ${rule.schemes?.join(', ')}`
    const hostname = bare(url.hostname)
    if (hosts !== undefined && !hosts.some((matches) => matches(hostname)))
      return `must lead to one of the hosts ${rule.hosts?.join(', ')}`
    const port = url.port === '' ? DEFAULT_PORTS[url.protocol] : Number(url.port)
    if (rule.ports !== undefined && (port === undefined || !rule.ports.includes(port)))
      return `must have one of the ports ${rule.ports.join(', ')}`
    const carried = carriedHosts(url).map(bare)
    if (hosts !== undefined && !carried.every((host) => hosts.some((matches) => matches(host))))
      return `must not carry a further URL that leads elsewhere than to ${rule.hosts?.join(', ')}`
    if (rule.denyPrivate !== true) return undefined
    if (carried.some((host) => host === '' || isPrivateName(host)))
      return 'must not carry a further URL that leads to a private network'
    return privateHost(hostname, lookup)
  }
}

/**
 * Only URLs that every parser reads in the same way: WHATWG's forgives a good deal, and what the backend makes of the
 * same text may be another host.
 */
function parsed(text: string): URL | string {
  if (/[\s\\\p{Cc}\p{Cf}]/u.test(text))
    return 'must be a URL without white space, backslashes and control characters'
  const written = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]+)/i.exec(text)
  if (written === null || !URL.canParse(text)) return 'must be a URL with a scheme and a host'
  const url = new URL(text)
  const authority = written[2] ?? ''
  if (authority.includes('@')) return 'must be a URL without a user name or password'
  const host = /^(\[[^\]]*\]|[^:]*)(?::\d*)?$/.exec(authority)?.[1] ?? ''
  // 127.1, 0x7f.1, %65xample.com, full-width letters and a trailing dot are all somewhere else than they look.
  if (host === '' || host.toLowerCase() !== url.hostname || host.endsWith('.'))
    return 'must be a URL whose host is written in its plain form (punycode for other alphabets)'
  return url
}

function bare(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
}

/** Patterns are names: an address is allowed only where it is listed itself. */
function hostPattern(pattern: string): (hostname: string) => boolean {
  if (!pattern.startsWith('*.')) {
    const exact = isIP(pattern) === 0 ? domainToASCII(pattern) : pattern.toLowerCase()
    return (hostname) => hostname === exact
  }
  const domain = `.${domainToASCII(pattern.slice(2))}`
  return (hostname) => isIP(hostname) === 0 && hostname.endsWith(domain) && hostname.length > domain.length
}

async function privateHost(hostname: string, lookup: Lookup): Promise<string | undefined> {
  const refusal = 'must not lead to a private network'
  if (isPrivateName(hostname)) return refusal
  if (isIP(hostname) !== 0) return undefined
  const addresses = await lookup(hostname).catch(() => [])
  if (addresses.length === 0) return 'must lead to a host whose name can be resolved'
  return addresses.some(isPrivateAddress) ? refusal : undefined
}

/** As far as the name itself tells. */
function isPrivateName(hostname: string): boolean {
  if (isIP(hostname) !== 0) return isPrivateAddress(hostname)
  return hostname === 'localhost' || hostname.endsWith('.localhost')
}
