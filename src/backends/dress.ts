import type { Caller } from '../core/caller.ts'
import type { HttpBackendConfig } from '../core/config.ts'
import type { Authorize, Headers } from './auth/index.ts'

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
export function createDress(
  config: HttpBackendConfig,
  authorize: Authorize,
): (caller: Caller | undefined) => Headers | Promise<Headers> {
  const configured = lowerCase(config.headers)
  return (caller) =>
    authorize(caller === undefined ? configured : withPassed(caller.headers, configured), caller)
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
