import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '::1']
const WILDCARD: readonly string[] = ['0.0.0.0', '::', '']

export interface OriginPolicy {
  /** The host that the server is bound to. */
  readonly bound: string
  readonly allowedHosts: readonly string[]
  readonly allowedOrigins: readonly string[]
}

type Asking = Pick<IncomingMessage, 'headers' | 'rawHeaders'>

/**
 * Refuses requests that a web page of a foreign name makes through the browser of somebody near us (DNS
 * rebinding). Returns what is wrong, or `undefined`.
 */
export function createOriginCheck(policy: OriginPolicy): (req: Asking) => string | undefined {
  return ({ headers, rawHeaders }) => {
    const { host, origin } = headers
    if (hasTwoHosts(rawHeaders)) return 'the request has two Host headers; send one'
    if (!isHostAllowed(host, policy)) {
      return `Host ${JSON.stringify(host ?? '')} is not served here; add it to the allowed hosts to use it`
    }
    if (origin !== undefined && !isOriginAllowed(origin, host, policy)) {
      return `Origin ${JSON.stringify(origin)} may not call; add it to the allowed origins to let it`
    }
    return undefined
  }
}

/** Node takes the first; a proxy on the way may have judged by the other (RFC 9112 §3.2). */
function hasTwoHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++
  }
  return hosts > 1
}

function isHostAllowed(host: string | undefined, { bound, allowedHosts }: OriginPolicy): boolean {
  if (allowedHosts.includes('*')) return true
  if (host === undefined) return false
  const name = nameOf(host)
  if (name === undefined) return false
  if (LOOPBACK.includes(name) || name === bound.toLowerCase()) return true
  // Rebinding needs a name: on all interfaces, every address of ours may be used.
  if (WILDCARD.includes(bound) && isIP(name) !== 0) return true
  return allowedHosts.includes(host.toLowerCase()) || allowedHosts.includes(name)
}

function isOriginAllowed(origin: string, host: string | undefined, policy: OriginPolicy): boolean {
  if (policy.allowedOrigins.includes('*') || policy.allowedOrigins.includes(origin)) return true
  if (!URL.canParse(origin)) return false
  const { hostname, host: authority, protocol } = new URL(origin)
  if (protocol !== 'http:' && protocol !== 'https:') return false
  return LOOPBACK.includes(unbracketed(hostname)) || authority === host?.toLowerCase()
}

/** The name in a Host header, without its port; `undefined` when it is malformed. */
function nameOf(host: string): string | undefined {
  const colon = host.lastIndexOf(':')
  const hasPort = colon > host.lastIndexOf(']')
  const name = hasPort ? host.slice(0, colon) : host
  if (hasPort && !/^\d{1,5}$/.test(host.slice(colon + 1))) return undefined
  return unbracketed(name.toLowerCase())
}

function unbracketed(name: string): string {
  return name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name
}
