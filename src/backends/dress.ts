import type { HttpBackendConfig } from '../core/config.ts'
import type { Credentials, Headers } from './auth/index.ts'
import type { Dress } from './mcp/http/dress.ts'

/** Headers that belong to one hop or to the protocol, whatever a configuration lets through. */
const NEVER: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'last-event-id',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * The headers of every request to one backend: what the client sent and is let through, over it what is
 * configured, over that the credentials.
 */
export function createDress(config: HttpBackendConfig, credentials: Credentials): Dress {
  const configured = lowerCase(config.headers)
  return {
    credentials,
    headers(request, url) {
      const { caller } = request
      const headers = caller === undefined ? configured : withPassed(caller.headers, configured)
      return credentials.authorize(headers, request, url)
    },
  }
}

function withPassed(passed: Headers, configured: Headers): Headers {
  const headers: Record<string, string> = {}
  let any = false
  for (const name in passed) {
    if (NEVER.has(name) || name.startsWith('mcp-')) continue
    headers[name] = passed[name] as string
    any = true
  }
  return any ? { ...headers, ...configured } : configured
}

function lowerCase(headers: Headers): Headers {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  return Object.fromEntries(entries.filter(([name]) => !NEVER.has(name)))
}
